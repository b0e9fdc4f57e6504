{#
    The second form of a postcode outside the US: the whole of it without dashes, where that is
    not the same as the part before the first one.
#}
{% macro normalize_zip_whole(zip, country) -%}
    {{ adapter.dispatch('normalize_zip_whole')(zip, country) }}
{%- endmacro %}

{% macro duckdb__normalize_zip_whole(zip, country) -%}
    {%- set sign -%} [^\s\pZ\p{Pd}\x{2212}]{%- endset -%}
    case
        when
            (contains({{ zip }}, '-') or strlen({{ zip }}) > length({{ zip }}))
            and coalesce({{ country }}, '') <> 'us'
            and not {{ duckdb__is_hash(zip) }}
            {#- Two characters before the first dash, and one behind it. #}
            and regexp_matches(
                {{ zip }},
                '(?s)^[\s\pZ]*{{ sign }}[\s\pZ]*{{ sign }}[^\p{Pd}\x{2212}]*[\p{Pd}\x{2212}].*{{ sign }}'
            )
        then regexp_replace({{ zip }}, '[\s\pZ\p{Pd}\x{2212}]+', '', 'g')
    end
{%- endmacro %}

{#
    The part of a postcode before its first dash, without white space; five digits in the US;
    two characters at least.
#}
{% macro normalize_zip(zip, country) -%}
    {{ adapter.dispatch('normalize_zip')(zip, country) }}
{%- endmacro %}

{% macro duckdb__normalize_zip(zip, country) -%}
    {%- set head -%}
        regexp_replace({{ zip }}, '(?s)[\s\pZ]+|[\p{Pd}\x{2212}].*$', '', 'g')
    {%- endset -%}
    {%- set rule -%}
        regexp_extract(
            case
                when {{ country }} = 'us'
                then regexp_replace({{ head }}, '^[^0-9]*([0-9]{5}).*$', '\1')
                else {{ head }}
            end,
            '^..+$'
        )
    {%- endset -%}
    {{ duckdb__unless_hashed(zip, rule, plain='[0-9a-z]{2,5}') }}
{%- endmacro %}

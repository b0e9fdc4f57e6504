{#
    A rule for a folded text, applied unless the text is a hash already: SHA-256 passes (Meta's
    parameter builder appends a dot and two or eight characters, which are cut), MD5 is of no
    use to Meta. What a rule leaves empty is null; a text that matches the pattern `plain` needs
    no rule. For normalisers only: it is part of their text, no intrinsic of its own.
#}
{% macro unless_hashed(text, rule) -%}
    {{ adapter.dispatch('unless_hashed')(text, rule) }}
{%- endmacro %}

{% macro duckdb__unless_hashed(text, rule, plain=none) -%}
    nullif(
        case
            {% if plain -%}
                when
                    strlen({{ text }}) < 32
                    and regexp_full_match({{ text }}, '{{ plain }}')
                then {{ text }}
            {%- endif %}
            when {{ duckdb__is_hash(text) }}
            then case when strlen({{ text }}) > 32 then lower(left({{ text }}, 64)) end
            else {{ rule }}
        end,
        ''
    )
{%- endmacro %}

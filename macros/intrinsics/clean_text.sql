{# A text without the white space around it; nothing left is null. #}
{% macro clean_text(text) %} {{ adapter.dispatch('clean_text')(text) }}{% endmacro %}

{% macro duckdb__clean_text(text) -%}
    {#- `trim` looks at every sign of a text. In ASCII it takes off nothing but blanks. #}
    nullif(
        case
            when
                {{ text }} like ' %'
                or {{ text }} like '% '
                or strlen({{ text }}) <> length({{ text }})
            then trim({{ text }})
            else {{ text }}
        end,
        ''
    )
{%- endmacro %}

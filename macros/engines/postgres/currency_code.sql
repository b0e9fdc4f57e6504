{% macro postgres__currency_code(text) -%}
    case
        when {{ text }} ~ '^[A-Za-z]{3}$'
        then upper({{ text }} collate "C") collate "default"
        else {{ text }}
    end
{%- endmacro %}

{% macro postgres__currency_code(text) -%}
    case
        when {{ text }} ~ '^[A-Za-z]{3}$'
        then upper({{ text }} collate "C") collate "default"
        when {{ text }} is not null
        then 'XXX'
    end
{%- endmacro %}

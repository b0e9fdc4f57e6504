{% macro postgres__read_number(text) -%}
    {{ postgres__decimal_of(postgres__trimmed(text), 18, 6) }}
{%- endmacro %}

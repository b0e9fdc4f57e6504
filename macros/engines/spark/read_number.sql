{% macro spark__read_number(text) -%}
    {{ spark__decimal_of(spark__trimmed(text), 18, 6) }}
{%- endmacro %}

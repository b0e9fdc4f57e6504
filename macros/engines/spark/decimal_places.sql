{% macro spark__decimal_places(text) -%}
    length(left(split_part({{ spark__trimmed(text) }}, '.', 2), 6))
{%- endmacro %}

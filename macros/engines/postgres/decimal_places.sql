{% macro postgres__decimal_places(text) -%}
    length(left(split_part({{ postgres__trimmed(text) }}, '.', 2), 6))
{%- endmacro %}

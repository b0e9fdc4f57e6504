{% macro postgres__json_array_of(value, order) -%}
    '[' || string_agg({{ value }}, ',' order by {{ order }}) || ']'
{%- endmacro %}

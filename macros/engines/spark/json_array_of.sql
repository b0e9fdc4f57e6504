{% macro spark__json_array_of(value, order) -%}
    '['
    || listagg({{ value }}, ',') within group (order by {{ order }} nulls last)
    || ']'
{%- endmacro %}

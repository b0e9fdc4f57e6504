{% macro spark__json_items_of(value, order) -%}
    listagg({{ value }}, ',') within group (order by {{ order }} nulls last)
{%- endmacro %}

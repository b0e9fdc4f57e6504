{# Aggregate: the values of a group, which are JSON already, in an order, with commas between; null where all are. #}
{% macro json_items_of(value, order) %}
    {{ adapter.dispatch('json_items_of')(value, order) }}
{% endmacro %}

{% macro default__json_items_of(value, order) -%}
    string_agg({{ value }}, ',' order by {{ order }})
{%- endmacro %}

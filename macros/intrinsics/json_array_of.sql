{# Aggregate: a JSON array of the values of a group, which are JSON already, in an order; null where all are. #}
{% macro json_array_of(value, order) %}
    {{ adapter.dispatch('json_array_of')(value, order) }}
{% endmacro %}

{% macro default__json_array_of(value, order) -%}
    '[' || string_agg({{ value }}, ',' order by {{ order }}) || ']'
{%- endmacro %}

{# A JSON array of one value, which is JSON already; null where the value is. #}
{% macro json_array(value) %}{{ adapter.dispatch('json_array')(value) }}{% endmacro %}

{% macro duckdb__json_array(value) -%}
'[' || {{ value }} || ']'
{%- endmacro %}

{# Texts as a JSON array of strings, each in its place. #}
{% macro json_array() %} {{ adapter.dispatch('json_array')(*varargs) }}{% endmacro %}

{% macro duckdb__json_array() -%}
    cast(to_json([{{ varargs | join(', ') }}]) as varchar)
{%- endmacro %}

{# Whether a JSON text that we built holds a key somewhere; within a string the quotes would be escaped. #}
{% macro json_has(json, key) %}
    {{ adapter.dispatch('json_has')(json, key) }}
{% endmacro %}

{% macro default__json_has(json, key) -%}
    coalesce(contains({{ json }}, '"' || {{ key }} || '":'), false)
{%- endmacro %}

{# One key of a JSON object with its value, which is JSON already, behind a comma; null where the value is. #}
{% macro json_pair(key, value) %}
    {{ adapter.dispatch('json_pair')(key, value) }}
{% endmacro %}

{% macro default__json_pair(key, value) -%}
    ',"' || {{ key }} || '":' || {{ value }}
{%- endmacro %}

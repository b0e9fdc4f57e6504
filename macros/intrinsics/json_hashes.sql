{# One key of a JSON object with a list of hashes, which need no escaping; null where there is none. #}
{% macro json_hashes(key, hash) %}
    {{ adapter.dispatch('json_hashes')(key, hash) }}
{% endmacro %}

{% macro duckdb__json_hashes(key, hash) -%}
    ',"' || {{ key }} || '":["' || {{ hash }} || '"]'
{%- endmacro %}

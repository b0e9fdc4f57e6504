{# One key of a JSON object with a hash, which needs no escaping; null where the hash is. #}
{% macro json_hash(key, hash) %}
    {{ adapter.dispatch('json_hash')(key, hash) }}
{% endmacro %}

{% macro default__json_hash(key, hash) -%}
    ',"' || {{ key }} || '":"' || {{ hash }} || '"'
{%- endmacro %}

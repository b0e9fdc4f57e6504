{# The text of a member of a JSON object, by its name, `'store_code'`; null where it has none. #}
{% macro json_member(object, name) %}
    {{ adapter.dispatch('json_member')(object, name) }}
{% endmacro %}

{% macro duckdb__json_member(object, name) -%}
    json_extract_string({{ object }}, {{ name }})
{%- endmacro %}

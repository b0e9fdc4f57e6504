{# A JSON object of pairs; those that are null are left out. #}
{% macro json_object() %} {{ adapter.dispatch('json_object')(*varargs) }}{% endmacro %}

{% macro default__json_object() -%}
    concat('{', substr(concat({{ varargs | join(', ') }}), 2), '}')
{%- endmacro %}

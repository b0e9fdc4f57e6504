{# Pairs of a JSON object as one text, to be put into it; those that are null are left out. #}
{% macro json_pairs() %} {{ adapter.dispatch('json_pairs')(*varargs) }}{% endmacro %}

{% macro default__json_pairs() -%} concat({{ varargs | join(', ') }}) {%- endmacro %}

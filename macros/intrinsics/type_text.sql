{# The type of a text of any length. #}
{% macro type_text() %} {{ adapter.dispatch('type_text')() }}{% endmacro %}

{% macro default__type_text() -%} varchar {%- endmacro %}

{# The type of a text of any length. #}
{% macro type_text() %} {{ adapter.dispatch('type_text')() }}{% endmacro %}

{% macro duckdb__type_text() -%} varchar {%- endmacro %}

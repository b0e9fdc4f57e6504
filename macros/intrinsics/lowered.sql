{# A text in lower case, sign by sign, whatever a database takes for its locale. #}
{% macro lowered(text) %} {{ adapter.dispatch('lowered')(text) }}{% endmacro %}

{% macro duckdb__lowered(text) -%} lower({{ text }}) {%- endmacro %}

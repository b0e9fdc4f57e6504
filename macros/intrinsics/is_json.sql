{# Whether a text is JSON. #}
{% macro is_json(text) %} {{ adapter.dispatch('is_json')(text) }}{% endmacro %}

{% macro duckdb__is_json(text) -%} json_valid({{ text }}) {%- endmacro %}

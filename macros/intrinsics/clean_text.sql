{# A text without the white space around it; nothing left is null. #}
{% macro clean_text(text) %} {{ adapter.dispatch('clean_text')(text) }}{% endmacro %}

{% macro duckdb__clean_text(text) -%} nullif(trim({{ text }}), '') {%- endmacro %}

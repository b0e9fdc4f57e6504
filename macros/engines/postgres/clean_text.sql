{% macro postgres__clean_text(text) -%}
    nullif({{ postgres__trimmed(text) }}, '')
{%- endmacro %}

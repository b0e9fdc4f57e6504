{% macro spark__clean_text(text) -%}
    nullif({{ spark__trimmed(text) }}, '')
{%- endmacro %}

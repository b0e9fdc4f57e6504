{% macro postgres__text_in_clear(text) -%}
    nullif(regexp_replace({{ postgres__trimmed(text) }}, '^[0-9A-Fa-f]{64}$', ''), '')
{%- endmacro %}

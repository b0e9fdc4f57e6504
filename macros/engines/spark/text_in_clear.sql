{% macro spark__text_in_clear(text) -%}
    nullif(regexp_replace({{ spark__trimmed(text) }}, r'^[0-9A-Fa-f]{64}\z', ''), '')
{%- endmacro %}

{# A text that Meta takes in clear, without white space around it; a hash is of no use there, and null. #}
{% macro text_in_clear(text) %}
    {{ adapter.dispatch('text_in_clear')(text) }}
{% endmacro %}

{% macro duckdb__text_in_clear(text) -%}
    nullif(regexp_replace({{ duckdb__clean_text(text) }}, '^[0-9A-Fa-f]{64}$', ''), '')
{%- endmacro %}

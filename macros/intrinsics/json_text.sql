{# A text as a JSON string, quoted and escaped; null stays null. #}
{% macro json_text(text) %} {{ adapter.dispatch('json_text')(text) }}{% endmacro %}

{% macro duckdb__json_text(text) -%}
    cast(to_json({{ text }}) as varchar)
{%- endmacro %}

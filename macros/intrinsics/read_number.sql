{# A finite decimal of up to six places, or null. #}
{% macro read_number(text) %} {{ adapter.dispatch('read_number')(text) }}{% endmacro %}

{% macro duckdb__read_number(text) -%}
    try_cast(trim({{ text }}) as decimal(18, 6))
{%- endmacro %}

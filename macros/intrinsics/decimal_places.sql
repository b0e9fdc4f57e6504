{# How many places a number is written with, six at most; null for what is missing. #}
{% macro decimal_places(text) %}
    {{ adapter.dispatch('decimal_places')(text) }}
{% endmacro %}

{% macro duckdb__decimal_places(text) -%}
    length(left(split_part(trim({{ text }}), '.', 2), 6))
{%- endmacro %}

{# A first or last name without white space and punctuation. #}
{% macro normalize_name(name, placeholder) -%}
    {{ adapter.dispatch('normalize_name')(name, placeholder) }}
{%- endmacro %}

{% macro duckdb__normalize_name(name, placeholder) -%}
    {%- set rule -%}
        {{ duckdb__without_punctuation(name) }}
    {%- endset -%}
    {{ duckdb__unless_hashed(name, placeholder, rule) }}
{%- endmacro %}

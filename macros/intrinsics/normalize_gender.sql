{# The letter f or m that the reference table found for a word, else null. #}
{% macro normalize_gender(gender, letter) -%}
    {{ adapter.dispatch('normalize_gender')(gender, letter) }}
{%- endmacro %}

{% macro duckdb__normalize_gender(gender, letter) -%}
    {%- set rule -%}
        {{ letter }}
    {%- endset -%}
    {{ duckdb__unless_hashed(gender, rule) }}
{%- endmacro %}

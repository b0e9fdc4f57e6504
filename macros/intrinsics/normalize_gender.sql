{# The letter f or m that the reference table found for a word, else null. #}
{% macro normalize_gender(gender, letter) -%}
    {{ adapter.dispatch('normalize_gender')(gender, letter) }}
{%- endmacro %}

{% macro default__normalize_gender(gender, letter) -%}
    {%- set rule -%}
        {{ letter }}
    {%- endset -%}
    {{ unless_hashed(gender, rule) }}
{%- endmacro %}

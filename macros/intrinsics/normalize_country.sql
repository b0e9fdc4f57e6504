{# The ISO alpha-2 code that the reference table found for a country, else null. #}
{% macro normalize_country(country, country_code) -%}
    {{ adapter.dispatch('normalize_country')(country, country_code) }}
{%- endmacro %}

{% macro default__normalize_country(country, country_code) -%}
    {%- set rule -%}
        {{ country_code }}
    {%- endset -%}
    {{ unless_hashed(country, rule) }}
{%- endmacro %}

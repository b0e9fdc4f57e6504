{% macro spark__normalize_country(country, country_code) -%}
    {%- set rule -%}
        {{ country_code }}
    {%- endset -%}
    {{ spark__unless_hashed(country, rule) }}
{%- endmacro %}

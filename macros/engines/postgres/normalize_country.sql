{% macro postgres__normalize_country(country, country_code) -%}
    {%- set rule -%}
        {{ country_code }}
    {%- endset -%}
    {{ postgres__unless_hashed(country, rule) }}
{%- endmacro %}

{# The first of the two forms of a city that Meta documents: a to z and digits, a letter first. #}
{% macro normalize_city(city, placeholder) -%}
    {{ adapter.dispatch('normalize_city')(city, placeholder) }}
{%- endmacro %}

{% macro duckdb__normalize_city(city, placeholder) -%}
    {%- set rule -%}
        nullif(regexp_replace({{ city }}, '^[^a-z]*[0-9].*$|[^a-z0-9]+', '', 'g'), '')
    {%- endset -%}
    {{ duckdb__unless_hashed(city, placeholder, rule) }}
{%- endmacro %}

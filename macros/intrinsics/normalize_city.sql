{# The first of the two forms of a city that Meta documents: a to z and digits, a letter first. #}
{% macro normalize_city(city) -%}
    {{ adapter.dispatch('normalize_city')(city) }}
{%- endmacro %}

{% macro duckdb__normalize_city(city) -%}
    {%- set rule -%}
        regexp_replace({{ city }}, '(?s)^[^a-z]*[0-9].*$|[^a-z0-9]+', '', 'g')
    {%- endset -%}
    {{ duckdb__unless_hashed(city, rule, plain='[a-z]+') }}
{%- endmacro %}

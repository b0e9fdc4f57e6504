{% macro spark__normalize_city(city) -%}
    {%- set rule -%}
        regexp_replace({{ city }}, r'(?s)^[^a-z]*[0-9].*\z|[^a-z0-9]+', '')
    {%- endset -%}
    {{ spark__unless_hashed(city, rule, plain='[a-z]+') }}
{%- endmacro %}

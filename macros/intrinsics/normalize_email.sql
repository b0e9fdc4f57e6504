{# An address with a dotted domain, else null; dots and +tags stay. #}
{% macro normalize_email(email, placeholder) -%}
    {{ adapter.dispatch('normalize_email')(email, placeholder) }}
{%- endmacro %}

{% macro duckdb__normalize_email(email, placeholder) -%}
    {%- set rule -%}
        nullif(regexp_extract({{ email }}, '^[^.\s\pZ@,;:<>()\[\]\\"][^\s\pZ@,;:<>()\[\]\\"]*@[^.\s\pZ@,;:<>()\[\]\\"]+(?:[.][^.\s\pZ@,;:<>()\[\]\\"]+)+$'), '')
    {%- endset -%}
    {{ duckdb__unless_hashed(email, placeholder, rule) }}
{%- endmacro %}

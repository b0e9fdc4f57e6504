{#
    The part of a postcode before its first dash, without white space; five digits in the US;
    two characters at least.
#}
{% macro normalize_zip(zip, placeholder, country) -%}
    {{ adapter.dispatch('normalize_zip')(zip, placeholder, country) }}
{%- endmacro %}

{% macro duckdb__normalize_zip(zip, placeholder, country) -%}
    {%- set rule -%}
        nullif(regexp_extract(case when {{ country }} = 'us' then regexp_replace(regexp_replace({{ zip }}, '[\pZ\s]+|[\p{Pd}\x{2212}].*$', '', 'g'), '^[^0-9]*([0-9]{5}).*$', '\1') else regexp_replace({{ zip }}, '[\pZ\s]+|[\p{Pd}\x{2212}].*$', '', 'g') end, '^..+$'), '')
    {%- endset -%}
    {{ duckdb__unless_hashed(zip, placeholder, rule) }}
{%- endmacro %}

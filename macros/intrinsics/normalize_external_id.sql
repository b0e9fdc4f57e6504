{# An id of the advertiser's own without white space. #}
{% macro normalize_external_id(external_id, placeholder) -%}
    {{ adapter.dispatch('normalize_external_id')(external_id, placeholder) }}
{%- endmacro %}

{% macro duckdb__normalize_external_id(external_id, placeholder) -%}
    {%- set rule -%}
        nullif(regexp_replace({{ external_id }}, '[\s\pZ]+', '', 'g'), '')
    {%- endset -%}
    {{ duckdb__unless_hashed(external_id, placeholder, rule) }}
{%- endmacro %}

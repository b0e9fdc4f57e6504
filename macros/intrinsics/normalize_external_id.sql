{# An id of the advertiser's own without white space. #}
{% macro normalize_external_id(external_id) -%}
    {{ adapter.dispatch('normalize_external_id')(external_id) }}
{%- endmacro %}

{% macro duckdb__normalize_external_id(external_id) -%}
    {%- set rule -%} regexp_replace({{ external_id }}, '[\s\pZ]+', '', 'g'){%- endset -%}
    {{ duckdb__unless_hashed(external_id, rule, plain='[!-~]+') }}
{%- endmacro %}

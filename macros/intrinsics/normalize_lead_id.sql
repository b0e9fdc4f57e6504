{#
    A Meta lead id of 15 or 16 digits, else null: one bad one sinks a request. In clear, never
    hashed.
#}
{% macro normalize_lead_id(lead_id) -%}
    {{ adapter.dispatch('normalize_lead_id')(lead_id) }}
{%- endmacro %}

{% macro duckdb__normalize_lead_id(lead_id) -%}
    case when regexp_full_match({{ lead_id }}, '[0-9]{15,16}') then {{ lead_id }} end
{%- endmacro %}

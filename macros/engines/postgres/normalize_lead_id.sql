{% macro postgres__normalize_lead_id(lead_id) -%}
    case when {{ lead_id }} ~ '^[0-9]{15,16}$' then {{ lead_id }} end
{%- endmacro %}

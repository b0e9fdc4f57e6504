{% macro spark__normalize_lead_id(lead_id) -%}
    case when {{ lead_id }} rlike r'^[0-9]{15,16}\z' then {{ lead_id }} end
{%- endmacro %}

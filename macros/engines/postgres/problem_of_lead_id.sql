{% macro postgres__problem_of_lead_id(lead_id, normalized) -%}
    case
        when {{ lead_id }} is not null and {{ normalized }} is null
        then 'lead_id_malformed'
    end
{%- endmacro %}

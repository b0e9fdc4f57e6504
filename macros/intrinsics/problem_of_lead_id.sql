{# What is wrong with the lead id of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_lead_id(lead_id, normalized) -%}
    {{ adapter.dispatch('problem_of_lead_id')(lead_id, normalized) }}
{%- endmacro %}

{% macro default__problem_of_lead_id(lead_id, normalized) -%}
    case
        when {{ lead_id }} is not null and {{ normalized }} is null
        then 'lead_id_malformed'
    end
{%- endmacro %}

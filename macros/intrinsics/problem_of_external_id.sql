{# What is wrong with the external id of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_external_id(external_id, normalized) -%}
    {{ adapter.dispatch('problem_of_external_id')(external_id, normalized) }}
{%- endmacro %}

{% macro default__problem_of_external_id(external_id, normalized) -%}
    case
        when {{ external_id }} is not null and {{ normalized }} is null
        then 'external_id_md5'
    end
{%- endmacro %}

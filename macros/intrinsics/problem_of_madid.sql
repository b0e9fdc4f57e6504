{# What is wrong with the mobile advertising id of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_madid(madid, normalized) -%}
    {{ adapter.dispatch('problem_of_madid')(madid, normalized) }}
{%- endmacro %}

{% macro default__problem_of_madid(madid, normalized) -%}
    case
        when {{ madid }} is not null and {{ normalized }} is null
        then
            case
                when {{ madid }} = '00000000-0000-0000-0000-000000000000'
                then 'madid_zero'
                else 'madid_malformed'
            end
    end
{%- endmacro %}

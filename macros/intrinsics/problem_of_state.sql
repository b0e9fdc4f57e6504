{# What is wrong with the state of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_state(state, normalized) -%}
    {{ adapter.dispatch('problem_of_state')(state, normalized) }}
{%- endmacro %}

{% macro default__problem_of_state(state, normalized) -%}
    case
        when {{ state }} is not null and {{ normalized }} is null
        then case when {{ is_md5(state) }} then 'st_md5' else 'st_without_letters' end
    end
{%- endmacro %}

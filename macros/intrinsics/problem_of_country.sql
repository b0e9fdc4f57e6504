{# What is wrong with the country of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_country(country, normalized) -%}
    {{ adapter.dispatch('problem_of_country')(country, normalized) }}
{%- endmacro %}

{% macro default__problem_of_country(country, normalized) -%}
    case
        when {{ country }} is not null and {{ normalized }} is null
        then
            case
                when {{ is_md5(country) }} then 'country_md5' else 'country_unknown'
            end
    end
{%- endmacro %}

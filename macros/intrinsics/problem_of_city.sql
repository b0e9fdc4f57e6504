{# What is wrong with the city of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_city(city, normalized) -%}
    {{ adapter.dispatch('problem_of_city')(city, normalized) }}
{%- endmacro %}

{% macro duckdb__problem_of_city(city, normalized) -%}
    case
        when {{ city }} is not null and {{ normalized }} is null
        then
            case
                when {{ duckdb__is_md5(city) }}
                then 'ct_md5'
                when regexp_matches({{ city }}, '^[^a-z]*[0-9]')
                then 'ct_leading_digit'
                else 'ct_without_letters'
            end
    end
{%- endmacro %}

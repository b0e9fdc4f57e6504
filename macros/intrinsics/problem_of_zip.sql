{# What is wrong with the postcode of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_zip(zip, normalized) -%}
    {{ adapter.dispatch('problem_of_zip')(zip, normalized) }}
{%- endmacro %}

{% macro default__problem_of_zip(zip, normalized) -%}
    case
        when {{ zip }} is not null and {{ normalized }} is null
        then case when {{ is_md5(zip) }} then 'zip_md5' else 'zip_too_short' end
    end
{%- endmacro %}

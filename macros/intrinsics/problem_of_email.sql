{# What is wrong with the e-mail of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_email(email, normalized) -%}
    {{ adapter.dispatch('problem_of_email')(email, normalized) }}
{%- endmacro %}

{% macro default__problem_of_email(email, normalized) -%}
    case
        when {{ email }} is not null and {{ normalized }} is null
        then case when {{ is_md5(email) }} then 'email_md5' else 'email_malformed' end
    end
{%- endmacro %}

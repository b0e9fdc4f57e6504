{# What is wrong with the gender of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_gender(gender, normalized) -%}
    {{ adapter.dispatch('problem_of_gender')(gender, normalized) }}
{%- endmacro %}

{% macro default__problem_of_gender(gender, normalized) -%}
    case
        when {{ gender }} is not null and {{ normalized }} is null
        then case when {{ is_md5(gender) }} then 'gen_md5' else 'gen_unknown' end
    end
{%- endmacro %}

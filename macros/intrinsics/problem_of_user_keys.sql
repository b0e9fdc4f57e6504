{# Whether something of user_keys is not among those that are known: a word of the seed `problems`. Known values have no spaces. #}
{% macro problem_of_user_keys(keys, known) -%}
    {{ adapter.dispatch('problem_of_user_keys')(keys, known) }}
{%- endmacro %}

{% macro default__problem_of_user_keys(keys, known) -%}
    case
        when length(coalesce({{ known }}, '')) < length(replace({{ keys }}, ' ', ''))
        then 'user_keys_malformed'
    end
{%- endmacro %}

{# What is wrong with a name (`fn` or `ln`) that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_name(name, normalized, field) -%}
    {{ adapter.dispatch('problem_of_name')(name, normalized, "'" ~ field ~ "'") }}
{%- endmacro %}

{% macro default__problem_of_name(name, normalized, field) -%}
    case
        when {{ name }} is not null and {{ normalized }} is null
        then
            case
                when {{ is_md5(name) }}
                then {{ field }} || '_md5'
                else {{ field }} || '_without_letters'
            end
    end
{%- endmacro %}

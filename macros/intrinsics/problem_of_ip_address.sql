{# What is wrong with the address of a customer that normalised to nothing: a word of the seed `problems`. #}
{% macro problem_of_ip_address(address, normalized) -%}
    {{ adapter.dispatch('problem_of_ip_address')(address, normalized) }}
{%- endmacro %}

{% macro default__problem_of_ip_address(address, normalized) -%}
    case
        when {{ address }} is not null and {{ normalized }} is null
        then 'client_ip_address_malformed'
    end
{%- endmacro %}

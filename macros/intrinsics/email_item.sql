{# The nth of the addresses in a list that `email_list` made. #}
{% macro email_item(emails, number) %}
    {{ adapter.dispatch('email_item')(emails, number) }}
{% endmacro %}

{% macro default__email_item(emails, number) -%}
    nullif(split_part({{ emails }}, chr(31), {{ number }}), '')
{%- endmacro %}

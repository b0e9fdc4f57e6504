{# A currency's three letters in upper case. What has no three letters could be anything, so it is not kept: XXX, ISO's code for no currency. #}
{% macro currency_code(text) %}
    {{ adapter.dispatch('currency_code')(text) }}
{% endmacro %}

{% macro duckdb__currency_code(text) -%}
    case
        when regexp_full_match({{ text }}, '[A-Za-z]{3}')
        then upper({{ text }})
        when {{ text }} is not null
        then 'XXX'
    end
{%- endmacro %}

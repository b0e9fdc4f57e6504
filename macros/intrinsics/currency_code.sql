{# A currency's three letters in upper case; what has no three letters stays as it is. #}
{% macro currency_code(text) %}
    {{ adapter.dispatch('currency_code')(text) }}
{% endmacro %}

{% macro duckdb__currency_code(text) -%}
    case
        when regexp_full_match({{ text }}, '[A-Za-z]{3}')
        then upper({{ text }})
        else {{ text }}
    end
{%- endmacro %}

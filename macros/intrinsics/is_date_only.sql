{# Whether a text has a day and no time of day; a midnight is a time. #}
{% macro is_date_only(text) %}
    {{ adapter.dispatch('is_date_only')(text) }}
{% endmacro %}

{% macro duckdb__is_date_only(text) -%}
    {#- An `and` would match the pattern against every text. #}
    case
        when {{ text }} like '%:%'
        then false
        else
            regexp_full_match(
                {{ text }}, '(?i)[\s\pZ]*' || {{ duckdb__day_pattern() }} || '[\s\pZ]*'
            )
    end
{%- endmacro %}

{# A number rounded to so many places. #}
{% macro rounded(number, places) %}
    {{ adapter.dispatch('rounded')(number, places) }}
{% endmacro %}

{% macro duckdb__rounded(number, places) -%}
    cast(
        round(cast({{ number }} as double), cast({{ places }} as integer)) as decimal(
            38, 6
        )
    )
{%- endmacro %}

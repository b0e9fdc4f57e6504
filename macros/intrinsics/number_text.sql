{# A decimal as a JSON number with so many places; more are cut. #}
{% macro number_text(number, places) %}
    {{ adapter.dispatch('number_text')(number, places) }}
{% endmacro %}

{% macro duckdb__number_text(number, places) -%}
    left(
        cast(cast({{ number }} as decimal(38, 6)) as varchar),
        case
            {{ places }}
            when 0
            then -7
            when 6
            then 40
            else cast({{ places }} as bigint) - 6
        end
    )
{%- endmacro %}

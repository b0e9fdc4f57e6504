{# What one piece costs: a line's total over its quantity, rounded to so many places. #}
{% macro unit_price(total, quantity, places) %}
    {{ adapter.dispatch('unit_price')(total, quantity, places) }}
{% endmacro %}

{% macro duckdb__unit_price(total, quantity, places) -%}
    try_cast(
        round(
            {{ total }} / nullif({{ quantity }}, 0), cast({{ places }} as integer)
        ) as decimal(18, 6)
    )
{%- endmacro %}

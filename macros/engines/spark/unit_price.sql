{#
    In binary as DuckDB divides, and scaled, rounded and made a decimal in its order; null where
    a price has more than twelve digits before the point.
#}
{% macro spark__unit_price(total, quantity, places) -%}
    {%- set quotient -%}
        cast({{ total }} as double) / nullif(cast({{ quantity }} as double), 0)
    {%- endset -%}
    {%- set price -%}
        round({{ quotient }} * power(10D, {{ places }})) / power(10D, {{ places }})
    {%- endset -%}
    try_cast(
        cast(try_cast(round({{ price }} * 1000000d) as bigint) as decimal(20, 0))
        / 1000000 as decimal(18, 6)
    )
{%- endmacro %}

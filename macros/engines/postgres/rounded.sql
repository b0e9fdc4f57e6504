{% macro postgres__rounded(number, places) -%}
    cast(
        round(
            {{ number }},
            case
                when {{ places }} between 0 and 5
                then cast({{ places }} as integer)
                else 6
            end
        ) as numeric(38, 6)
    )
{%- endmacro %}

{% macro postgres__number_text(number, places) -%}
    left(
        cast(cast({{ number }} as numeric(38, 6)) as text),
        case
            {{ places }}
            when 0
            then -7
            when 6
            then 40
            else cast({{ places }} as integer) - 6
        end
    )
{%- endmacro %}

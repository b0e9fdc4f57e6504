{% macro spark__number_text(number, places) -%}
    {%- set written -%} cast(cast({{ number }} as decimal(38, 6)) as string){%- endset -%}
    left(
        {{ written }},
        case
            {{ places }}
            when 0
            then length({{ written }}) - 7
            when 6
            then 40
            else length({{ written }}) + cast({{ places }} as int) - 6
        end
    )
{%- endmacro %}

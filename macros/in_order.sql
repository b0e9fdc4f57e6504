{# A column as a text that sorts as what it holds: whole numbers and days, written the way round that tills write them, by value; all else as it is. #}
{% macro in_order(column) -%}
    {%- set text = 'cast(' ~ column ~ ' as varchar)' -%}
    {%- set moment = 'cast(' ~ read_time(text, "'UTC'") ~ ' as varchar)' -%}
    case
        when {{ text }} like '__.__.____%' or {{ text }} like '__/__/____%'
        then coalesce({{ sortable(moment) }}, {{ sortable(text) }})
        else {{ sortable(text) }}
    end
{%- endmacro %}

{# The zone of a source's local times: one for all its rows, or one by the value of a column. #}
{% macro time_zone(source) -%}
    {%- set declared = graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get('time_zone', 'UTC') if execute else 'UTC' -%}
    {%- if declared is string -%} '{{ declared }}'
    {%- else -%}
        {%- for column, zones in declared.items() -%}
            case
                cast({{ column }} as varchar)
                {% for value, zone in zones.items() -%}
                    when '{{ value }}' then '{{ zone }}'
                {% endfor -%}
            end
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# Leaves out what its meta.scope_column knows to be history, early enough for files to be skipped; a day more than needed, since the column has no zone yet. #}
{% macro in_scope(source) -%}
    {%- set column = graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get('scope_column') if execute -%}
    {%- if column -%}
        {#- a year such as 0026 is two digits misread, and no history -#}
        not coalesce(
            {{ day_of(column) }} >= cast('1000-01-01' as timestamp)
            and {{ day_of(column) }}
            < {{ hours_before(as_of(), lookback(source) ~ ' * 24 + 24 + ' ~ var('order_span')) }},
            false
        )
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

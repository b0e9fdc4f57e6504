{# Leaves out what its meta.scope_column knows to be history, early enough for files to be skipped; a day more than needed, since the column has no zone yet. #}
{% macro in_scope(source) -%}
    {%- set column = graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get('scope_column') if execute -%}
    {%- if column -%}
        not coalesce(
            {{ day_of(column) }}
            < {{ hours_before(as_of(), lookback(source) ~ ' * 24 + 24 + ' ~ var('order_span')) }},
            false
        )
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

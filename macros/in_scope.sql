{# Leaves out what its meta.scope_column knows to be history, early enough for files to be skipped; a day more than needed, since the column has no zone yet. #}
{% macro in_scope(source) -%}
    {%- set column = graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get('scope_column') if execute -%}
    {%- if column -%}
        not coalesce(
            {{ day_of(column) }}
            < {{ day_before(as_of(), lookback(source) ~ ' + 1 + ' ~ var('order_span') ~ ' / 24') }},
            false
        )
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

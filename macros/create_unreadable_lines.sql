{# An empty list of unreadable lines where there is none: the loader fills it before a build. #}
{% macro create_unreadable_lines() -%}
create table if not exists {{ target.schema }}.unreadable_lines (
    source_name {{ type_text() }},
    source_file {{ type_text() }},
    line bigint,
    problem {{ type_text() }}
)
{%- endmacro %}

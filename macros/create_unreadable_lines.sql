{# An empty list of unreadable lines where there is none: the loader fills it before a build. #}
{% macro create_unreadable_lines() -%}
create table if not exists {{ target.schema }}.unreadable_lines (
    source_name varchar,
    source_file varchar,
    line bigint,
    problem varchar
)
{%- endmacro %}

{# An empty list of source files where there is none: the loader fills it before a build, and for dbt a macro does. #}
{% macro create_source_files() -%}
create table if not exists {{ target.schema }}.source_files (
    source_name {{ type_text() }},
    source_file {{ type_text() }},
    readable_rows bigint,
    rows_before bigint
)
    {%- if dbt_version is defined and execute and flags.WHICH in ('build', 'run', 'retry') -%}
        ;
        {{ fill_source_files() }}
    {%- endif %}
{%- endmacro %}

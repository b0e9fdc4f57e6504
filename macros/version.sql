{# What tells the newer of two versions of one row: the source's meta.version_by, else null. #}
{% macro version(source) -%}
    {%- set column = graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get('version_by') if execute -%}
    {{ in_order(column) if column else 'cast(null as varchar)' }}
{%- endmacro %}

{# What tells the newer of two versions of one row: the source's meta.version_by, else null. #}
{% macro version(source) -%}
    {%- set column = graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get('version_by') if execute -%}
    {{ sortable('cast(' ~ column ~ ' as varchar)') if column else 'cast(null as varchar)' }}
{%- endmacro %}

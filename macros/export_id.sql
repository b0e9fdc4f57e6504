{# The export that a row came with: the source's meta.export_id, else the file. #}
{% macro export_id(source, file) -%}
    {%- set column = graph.sources['source.' ~ project_name ~ '.' ~ source].meta.get('export_id') if execute -%}
    {{ in_order(column) if column else 'cast(' ~ file ~ ' as varchar)' }}
{%- endmacro %}

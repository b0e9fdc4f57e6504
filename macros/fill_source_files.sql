{# Counts the rows of each CSV file under dbt, which has no loader to do it: a row ref is a file and a number in it. #}
{% macro fill_source_files() -%}
truncate table {{ target.schema }}.source_files
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') %}
    {%- set read = models | map(attribute='depends_on.nodes') | sum(start=[]) %}
    {%- for each in graph.sources.values() if each.unique_id in read %}
        {%- set location = source(each.source_name, each.name) | string %}
        {%- if location.startswith('read_csv(') %}
            ; insert into {{ target.schema }}.source_files
select
    '{{ each.source_name }}.{{ each.name }}',
    filename,
    count(*),
    coalesce(
        sum(count(*)) over (order by filename rows between unbounded preceding and 1 preceding), 0
    )
from {{ location }} as csv_line
where hash(csv_line) >= 0
group by filename
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

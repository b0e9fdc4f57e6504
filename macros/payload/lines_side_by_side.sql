{#
    How many lines of a basket are joined side by side. DuckDB holds every list that it makes in memory
    until all are made, and spills what it joins: there only lines beyond these places become a list.
#}
{% macro lines_side_by_side() -%}
    {{ 16 if target.type == 'duckdb' else 1 }}
{%- endmacro %}

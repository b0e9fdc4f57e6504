{#
    A JSON array of a column of the first lines of a basket, each joined as `line_<place>`, and of the
    items that `further_lines` has in a column of that name; null where all are.
#}
{% macro side_by_side(column, places) -%}
    {%- set items = [] -%}
    {%- for place in range(1, places + 1) -%}
        {%- do items.append("',' || line_" ~ place ~ '.' ~ column) -%}
    {%- endfor -%}
    {%- do items.append("',' || further_lines." ~ column) -%}
    '[' || nullif(substr({{ json_pairs(*items) }}, 2), '') || ']'
{%- endmacro %}

{#
    A JSON array of a column of the first lines of a basket, each joined as `line_<place>`, and of those
    that `further_lines` has as an array; null where all are.
#}
{% macro side_by_side(column, further, places) -%}
    {%- set parts = [] -%}
    {%- for place in range(1, places + 1) -%}
        {%- do parts.append("',' || line_" ~ place ~ '.' ~ column) -%}
    {%- endfor -%}
    {%- do parts.append("',' || substr(further_lines." ~ further ~ ', 2, length(further_lines.' ~ further ~ ') - 2)') -%}
    '[' || nullif(substr({{ json_pairs(*parts) }}, 2), '') || ']'
{%- endmacro %}

{% macro postgres__json_pair(key, value) -%}
    ',"' || {{ key }} || '":' || {{ value }}
{%- endmacro %}

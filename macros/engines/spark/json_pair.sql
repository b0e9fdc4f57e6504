{% macro spark__json_pair(key, value) -%}
    ',"' || {{ key }} || '":' || {{ value }}
{%- endmacro %}

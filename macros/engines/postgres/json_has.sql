{% macro postgres__json_has(json, key) -%}
    coalesce(strpos({{ json }}, '"' || {{ key }} || '":') > 0, false)
{%- endmacro %}

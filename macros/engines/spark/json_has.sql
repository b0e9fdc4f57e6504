{% macro spark__json_has(json, key) -%}
    coalesce(contains({{ json }}, '"' || {{ key }} || '":'), false)
{%- endmacro %}

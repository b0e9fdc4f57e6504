{% macro postgres__json_hash(key, hash) -%}
    ',"' || {{ key }} || '":"' || {{ hash }} || '"'
{%- endmacro %}

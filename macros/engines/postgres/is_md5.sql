{% macro postgres__is_md5(text) -%} {{ text }} ~ '^[0-9A-Fa-f]{32}$' {%- endmacro %}

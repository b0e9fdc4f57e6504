{% macro postgres__json_word(text) -%} '"' || {{ text }} || '"' {%- endmacro %}

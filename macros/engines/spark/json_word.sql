{% macro spark__json_word(text) -%} '"' || {{ text }} || '"' {%- endmacro %}

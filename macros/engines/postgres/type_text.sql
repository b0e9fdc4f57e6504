{% macro postgres__type_text() -%} varchar {%- endmacro %}

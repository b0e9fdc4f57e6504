{% macro spark__type_text() -%} string {%- endmacro %}

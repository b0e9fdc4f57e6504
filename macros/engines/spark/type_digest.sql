{% macro spark__type_digest() -%} string {%- endmacro %}

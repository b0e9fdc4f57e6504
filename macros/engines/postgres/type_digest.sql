{% macro postgres__type_digest() -%} uuid {%- endmacro %}

{% macro postgres__json_pairs() -%} concat({{ varargs | join(', ') }}) {%- endmacro %}

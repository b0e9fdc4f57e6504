{% macro postgres__json_object() -%}
    concat('{', substr(concat({{ varargs | join(', ') }}), 2), '}')
{%- endmacro %}

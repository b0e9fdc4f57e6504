{% macro spark__json_object() -%}
    concat('{', substr(concat_ws('', {{ varargs | join(', ') }}), 2), '}')
{%- endmacro %}

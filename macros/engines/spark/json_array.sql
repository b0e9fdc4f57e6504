{% macro spark__json_array() -%}
    to_json(array({{ varargs | join(', ') }}))
{%- endmacro %}

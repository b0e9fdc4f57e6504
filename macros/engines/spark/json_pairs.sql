{% macro spark__json_pairs() -%}
    concat_ws('', {{ varargs | join(', ') }})
{%- endmacro %}

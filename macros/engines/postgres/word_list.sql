{% macro postgres__word_list() -%}
    concat_ws(',', {{ varargs | join(', ') }})
{%- endmacro %}

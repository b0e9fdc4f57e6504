{% macro postgres__digest16() -%}
    cast(md5(concat({{ varargs | join(', chr(31), ') }})) as uuid)
{%- endmacro %}

{# Columns of a staging model that its source does not have. #}
{% macro unmapped() -%}
    {%- for name in varargs -%}
        cast(null as varchar) as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# How many of the customer's columns say something. #}
{% macro filled_columns() -%}
    {%- for name in customer_columns().split(', ') -%}
        case when {{ name }} is null then 0 else 1 end{{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# The customer's columns without white space around them; nothing left is null. #}
{% macro cleaned_customer_columns() -%}
    {%- for name in customer_columns().split(', ') -%}
        {{ text_in_clear(name) if name == 'client_user_agent' else clean_text(name) }}
        as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

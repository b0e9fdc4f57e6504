{# What the spellings of a customer became, as text and hashed, in one order; of a relation if one is named. #}
{% macro spelling_columns(relation=none) -%}
    {%- for name in 'fn ln ge db ct ct_2 st zp zp_2 country'.split() -%}
        {%- set column = (relation ~ '.' if relation else '') ~ name -%}
        {{ column }},
        {{ column }}_hash{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# What customers share as it is written, in one order; of a relation if one is named. #}
{% macro raw_columns(relation=none) -%}
    {%- for name in 'fn ln gen db ct st zip country'.split() -%}
        {{ relation ~ '.' if relation }}raw_{{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#
    Columns of a staging model that its source does not have. They are null, but for `consent`: a
    source that does not ask for it is sent, one that does needs it filled.
#}
{% macro unmapped() -%}
    {%- for name in varargs -%}
        {{ "'true'" if name == 'consent' else 'cast(null as varchar)' }}
        as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

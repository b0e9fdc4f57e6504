{# The type json keeps what the type jsonb would not take. #}
{% macro postgres__json_member(object, name) -%}
    cast({{ object }} as json) ->> {{ name }}
{%- endmacro %}

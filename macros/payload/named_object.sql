{# Named values as a JSON object, null where no value is; `named_pairs` says what may be named. #}
{% macro named_object(place, values, known=[]) -%}
    nullif({{ json_object(named_pairs(place, values, known)) }}, '{}')
{%- endmacro %}

{# A column of `folded`, null where it holds a placeholder. #}
{% macro known_value(column) -%}
    case when {{ column }}_placeholder.value is null then folded.{{ column }} end
{%- endmacro %}

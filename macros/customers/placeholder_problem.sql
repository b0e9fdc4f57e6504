{# The word for a field of `folded` that holds a placeholder. #}
{% macro placeholder_problem(column, field=none) -%}
    case
        when {{ column }}_placeholder.value is not null
        then '{{ field or column }}_placeholder'
    end
{%- endmacro %}

{# The word for a column that holds a placeholder of its field. #}
{% macro placeholder_problem(column, field=none) -%}
    case
        when {{ column }}_placeholder.value is not null
        then '{{ field or column }}_placeholder'
    end
{%- endmacro %}

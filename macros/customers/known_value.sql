{# A column of a relation, null where it holds a placeholder or `also`, a column of the same field, does. #}
{% macro known_value(relation, column, also=none) -%}
    case
        when
            {{ column }}_placeholder.value is null
            {%- if also %} and {{ also }}_placeholder.value is null {%- endif %}
        then {{ relation }}.{{ column }}
    end
{%- endmacro %}

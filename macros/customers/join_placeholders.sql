{# The placeholders of a field, beside a column of a relation that holds it: `<column>_placeholder.value` is null where it is none. #}
{% macro join_placeholders(relation, column, field=none) -%}
    left join
        placeholders as {{ column }}_placeholder
        on {{ column }}_placeholder.field = '{{ field or column }}'
        and {{ column }}_placeholder.value = {{ relation }}.{{ column }}
{%- endmacro %}

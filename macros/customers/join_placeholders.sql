{# The placeholders of a field, beside a column of `folded` that holds it: `<column>_placeholder.value` is null where it is none. #}
{% macro join_placeholders(column, field=none) -%}
    left join
        placeholders as {{ column }}_placeholder
        on {{ column }}_placeholder.field = '{{ field or column }}'
        and {{ column }}_placeholder.value = folded.{{ column }}
{%- endmacro %}

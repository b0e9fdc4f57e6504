{# A text that sorts as what it holds: whole numbers by value, all else as it is. #}
{% macro sortable(text) %} {{ adapter.dispatch('sortable')(text) }}{% endmacro %}

{% macro duckdb__sortable(text) -%}
    case
        when regexp_full_match({{ text }}, '\d{1,30}')
        then lpad({{ text }}, 30, '0')
        else {{ text }}
    end
{%- endmacro %}

{# Sorts by its bytes, whatever the database's own order is. #}
{% macro postgres__sortable(text) -%}
    case
        when {{ text }} ~ '^[0-9]{1,30}$'
        then lpad({{ text }}, 30, '0') collate "C"
        else {{ text }} collate "C"
    end
{%- endmacro %}

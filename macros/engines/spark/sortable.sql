{% macro spark__sortable(text) -%}
    case
        when {{ text }} rlike r'^[0-9]{1,30}\z'
        then lpad({{ text }}, 30, '0')
        else {{ text }}
    end
{%- endmacro %}

{% macro spark__calling_prefix(phone) -%}
    case
        when startswith({{ phone }}, '+')
        then substr({{ phone }}, 2, 4)
        else left({{ phone }}, 4)
    end
{%- endmacro %}

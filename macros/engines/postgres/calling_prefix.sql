{% macro postgres__calling_prefix(phone) -%}
    case
        when starts_with({{ phone }}, '+')
        then substr({{ phone }}, 2, 4)
        else left({{ phone }}, 4)
    end
{%- endmacro %}

{% macro spark__problem_of_name(name, normalized, field) -%}
    case
        when {{ name }} is not null and {{ normalized }} is null
        then
            case
                when {{ spark__is_md5(name) }}
                then {{ field }} || '_md5'
                else {{ field }} || '_without_letters'
            end
    end
{%- endmacro %}

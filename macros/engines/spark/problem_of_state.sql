{% macro spark__problem_of_state(state, normalized) -%}
    case
        when {{ state }} is not null and {{ normalized }} is null
        then
            case
                when {{ spark__is_md5(state) }} then 'st_md5' else 'st_without_letters'
            end
    end
{%- endmacro %}

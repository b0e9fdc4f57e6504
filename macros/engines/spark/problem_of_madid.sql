{% macro spark__problem_of_madid(madid, normalized) -%}
    case
        when {{ madid }} is not null and {{ normalized }} is null
        then
            case
                when {{ madid }} = '00000000-0000-0000-0000-000000000000'
                then 'madid_zero'
                else 'madid_malformed'
            end
    end
{%- endmacro %}

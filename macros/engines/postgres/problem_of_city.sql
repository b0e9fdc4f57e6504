{% macro postgres__problem_of_city(city, normalized) -%}
    case
        when {{ city }} is not null and {{ normalized }} is null
        then
            case
                when {{ postgres__is_md5(city) }}
                then 'ct_md5'
                when {{ city }} ~ '^[^a-z]*[0-9]'
                then 'ct_leading_digit'
                else 'ct_without_letters'
            end
    end
{%- endmacro %}

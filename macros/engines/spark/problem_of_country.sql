{% macro spark__problem_of_country(country, normalized) -%}
    case
        when {{ country }} is not null and {{ normalized }} is null
        then
            case
                when {{ spark__is_md5(country) }}
                then 'country_md5'
                else 'country_unknown'
            end
    end
{%- endmacro %}

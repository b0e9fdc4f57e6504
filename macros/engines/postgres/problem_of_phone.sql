{% macro postgres__problem_of_phone(phone, normalized, country) -%}
    case
        when {{ phone }} is not null and {{ normalized }} is null
        then
            case
                when length({{ phone }}) = 32 and {{ phone }} ~ '^[0-9A-Fa-f]{32}$'
                then 'phone_md5'
                when {{ country }} is null and {{ phone }} ~ '^[0-9]{7,15}$'
                then 'phone_without_country'
                else 'phone_malformed'
            end
    end
{%- endmacro %}

{% macro spark__problem_of_phone(phone, normalized, country) -%}
    case
        when {{ phone }} is not null and {{ normalized }} is null
        then
            case
                when char_length({{ phone }}) = 32 and {{ spark__is_md5(phone) }}
                then 'phone_md5'
                when {{ country }} is null and {{ phone }} rlike r'^[0-9]{7,15}\z'
                then 'phone_without_country'
                else 'phone_malformed'
            end
    end
{%- endmacro %}

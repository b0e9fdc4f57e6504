{% macro spark__problem_of_email(email, normalized) -%}
    case
        when {{ email }} is not null and {{ normalized }} is null
        then
            case
                when {{ spark__is_md5(email) }} then 'email_md5' else 'email_malformed'
            end
    end
{%- endmacro %}

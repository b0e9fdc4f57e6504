{% macro postgres__problem_of_zip(zip, normalized) -%}
    case
        when {{ zip }} is not null and {{ normalized }} is null
        then
            case
                when {{ postgres__is_md5(zip) }} then 'zip_md5' else 'zip_too_short'
            end
    end
{%- endmacro %}

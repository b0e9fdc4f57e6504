{% macro spark__problem_of_birth_date(birth_date, normalized, as_of) -%}
    {%- set words = "regexp_replace(" ~ birth_date ~ ", '[^0-9a-z]+', ' ')" -%}
    {%- set year -%}
        regexp_extract(
            regexp_extract(
                {{ words }},
                r'\b(?:[0-9]{4} (?:[0-9]{1,2}|[a-z]{3,}) [0-9]{1,2}|[0-9]{1,2} [0-9]{1,2} [0-9]{4}|[0-9]{1,2} ?[a-z]{3,} ?[0-9]{4}|[a-z]{3,} [0-9]{1,2} [0-9]{4}|[0-9]{8})\b',
                0
            ),
            '[0-9]{4}',
            0
        )
    {%- endset -%}
    case
        when {{ birth_date }} is not null and {{ normalized }} is null
        then
            case
                when {{ spark__is_md5(birth_date) }}
                then 'db_md5'
                when {{ year }} between '1900' and {{ spark__year_of(as_of) }}
                then 'db_impossible_day'
                when {{ year }} <> ''
                then 'db_out_of_range'
                when
                    {{ words }}
                    rlike r'\b(?:[0-9]{1,2} [0-9]{1,2} [0-9]{1,2}|[0-9]{1,2} ?[a-z]{3,} ?[0-9]{2}|[a-z]{3,} [0-9]{1,2} [0-9]{2})\b'
                then 'db_two_digit_year'
                else 'db_without_date'
            end
    end
{%- endmacro %}

{# The date that a year of up to four digits, a month and a day make, or null. #}
{% macro postgres__real_date(year, month, day) -%}
    case
        when cast({{ month }} as integer) between 1 and 12
        then
            case
                when
                    cast({{ day }} as integer) between 1 and extract(
                        day
                        from
                            make_date(
                                cast({{ year }} as integer),
                                cast({{ month }} as integer),
                                1
                            )
                            + interval '1 month -1 day'
                    )
                then
                    make_date(
                        cast({{ year }} as integer),
                        cast({{ month }} as integer),
                        cast({{ day }} as integer)
                    )
            end
    end
{%- endmacro %}

{% macro postgres__problem_of_birth_date(birth_date, normalized, as_of) -%}
    case
        when {{ birth_date }} is not null and {{ normalized }} is null
        then
            (
                select
                    case
                        when {{ postgres__is_md5(birth_date) }}
                        then 'db_md5'
                        when
                            year between '1900' and to_char(
                                timezone('UTC', to_timestamp({{ as_of }})), 'YYYY'
                            )
                        then 'db_impossible_day'
                        when year is not null
                        then 'db_out_of_range'
                        when
                            words
                            ~ '\y(?:[0-9]{1,2} [0-9]{1,2} [0-9]{1,2}|[0-9]{1,2} ?[a-z]{3,} ?[0-9]{2}|[a-z]{3,} [0-9]{1,2} [0-9]{2})\y'
                        then 'db_two_digit_year'
                        else 'db_without_date'
                    end
                from
                    (
                        select
                            regexp_replace(
                                {{ birth_date }}, '[^0-9a-z]+', ' ', 'g'
                            ) as words
                        offset 0
                    ) as cleaned
                cross join
                    lateral
                    (
                        select
                            substring(
                                substring(
                                    words
                                    from
                                        '\y(?:[0-9]{4} (?:[0-9]{1,2}|[a-z]{3,}) [0-9]{1,2}|[0-9]{1,2} [0-9]{1,2} [0-9]{4}'
                                        || '|[0-9]{1,2} ?[a-z]{3,} ?[0-9]{4}|[a-z]{3,} [0-9]{1,2} [0-9]{4}|[0-9]{8})\y'
                                )
                                from '[0-9]{4}'
                            ) as year
                        offset 0
                    ) as found
            )
    end
{%- endmacro %}

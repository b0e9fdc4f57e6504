{% macro postgres__month_word(birth_date) -%}
    case
        when {{ birth_date }} !~ '^[0-9 :./-]*$'
        then
            (
                select
                    case
                        when parts is null
                        then {{ birth_date }}
                        else concat(parts[2], parts[4], parts[8])
                    end
                from
                    (
                        select {{ postgres__named_date(birth_date) }} as parts offset 0
                    ) as matched
            )
    end
{%- endmacro %}

{#
    A text as DuckDB casts it to a date, for years of up to four digits, or null. A
    year before the first is taken for one of the years 400 to 1399: it only matters
    that it is too early.
#}
{% macro postgres__date_of(text) -%}
    {%- set space = '[ \\t\\n\\v\\f\\r]*' -%}
    case
        when {{ text }} ~ '^{{ postgres__plain_date() }}$'
        then cast({{ text }} as date)
        when {{ text }} ~ '^{{ space }}-?[0-9]+[- /\\]'
        then
            (
                select
                    {{ postgres__real_date(
                        "case when parts[1] ~ '^0*[1-9]' then parts[1] else cast(400 - cast(parts[1] as integer) % 1000 as text) end",
                        'parts[3]',
                        'parts[4]'
                    ) }}
                from
                    (
                        select
                            regexp_match(
                                {{ text }},
                                '^{{ space }}(-[0-9]{1,9}|0*[0-9]{1,4})([- /\\])([0-9]{1,2})\2([0-9]{1,2}){{ space }}$'
                            ) as parts
                        offset 0
                    ) as matched
            )
    end
{%- endmacro %}

{#
    A text as DuckDB casts it to a decimal, or null: with underscores between
    digits, halves rounded away from zero. With a negative exponent it cuts first
    what has no place, and rounds then; with a positive one it minds how many digits
    the number would have, not how large it is.
#}
{% macro postgres__decimal_of(text, width, scale) -%}
    {%- set space = '[ \\t\\n\\v\\f\\r]*' -%}
    {%- set digits = '[0-9]+(?:_[0-9]+)*' -%}
    {%- set room = width - scale -%}
    case
        when {{ text }} ~ '^-?[0-9]{1,11}([.][0-9]{1,9})?$'
        then cast({{ text }} as numeric({{ width }}, {{ scale }}))
        when {{ text }} ~ '[0-9]'
        then
            (
                select
                    case
                        when abs(number) < cast('1e{{ room }}' as numeric)
                        then cast(number as numeric({{ width }}, {{ scale }}))
                    end
                from
                    (
                        select
                            regexp_match(
                                {{ text }},
                                '^{{ space }}([+-]?)(?:({{ digits }})(?:[.]((?:{{ digits }})?))?|[.]({{ digits }}))(?:[eE]([+-]?{{ digits }})[.]?)?{{ space }}$'
                            ) as parts
                        offset 0
                    ) as matched
                cross join
                    lateral
                    (
                        select
                            ltrim(
                                replace(coalesce(parts[2], ''), '_', ''), '0'
                            ) as whole,
                            left(
                                replace(coalesce(parts[3], parts[4], ''), '_', ''),
                                {{ width }}
                            ) as fraction,
                            case
                                when
                                    parts[5] ~ '^[+-]?[0_]*([0-9]_?){1,9}$'
                                    or parts[5] is null
                                then
                                    cast(
                                        replace(
                                            coalesce(parts[5], '0'), '_', ''
                                        ) as integer
                                    )
                            end as exponent
                        where parts is not null
                        offset 0
                    ) as taken
                cross join
                    lateral
                    (
                        select
                            parts[1]
                            || '0'
                            || whole
                            || '.'
                            || case
                                when exponent < 0
                                then left(fraction, {{ scale }})
                                else fraction
                            end
                            || '0e'
                            || greatest(least(exponent, 999), -999) as written
                        offset 0
                    ) as composed
                cross join
                    lateral
                    (
                        select
                            case
                                when
                                    length(whole) > {{ room }}
                                    or coalesce(exponent, 99999) not between -32768
                                    and 32767
                                then null
                                when whole = '' and ltrim(fraction, '0') = ''
                                then 0
                                when
                                    exponent
                                    > greatest(length(fraction) - {{ scale }}, 0)
                                    and length(whole)
                                    + exponent
                                    - greatest(length(fraction) - {{ scale }}, 0)
                                    > {{ room }}
                                then null
                                else round(cast(written as numeric), {{ scale }})
                            end as number
                        offset 0
                    ) as counted
            )
    end
{%- endmacro %}

{#
    A text as DuckDB casts it to a timestamp, for the years 1000 to 9999, or null:
    minutes and seconds may be left out, and a zone after the time is read but not
    minded.
#}
{% macro postgres__timestamp_of(text) -%}
    {%- set space = '[ \\t\\n\\v\\f\\r]' -%}
    {%- set zone = '(?:(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?| [A-Za-z0-9_/+:-]*)' ~ space ~ '*)?' -%}
    {%- set day = postgres__plain_date() -%}
    {%- set time = '[ T](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]' -%}
    case
        when {{ text }} ~ '^{{ day }}(?:{{ time }})?$'
        then cast({{ text }} as timestamp)
        when
            {{ text }}
            ~ '^{{ day }}{{ time }}(?:[.][0-9]*)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?$'
        then
            {#- PostgreSQL would round what is finer than microseconds. #}
            cast(
                left({{ text }}, 19) || coalesce(
                    substring(substr({{ text }}, 20, 7) from '^[.][0-9]+'), ''
                ) as timestamp
            )
        when {{ text }} ~ '^{{ space }}*[0-9]+[- /\\]'
        then
            (
                select
                    case
                        when
                            hour < 24
                            and minute < 60
                            and second < 60
                            or hour = 24
                            and minute = 0
                            and second = 0
                        then
                            {{ postgres__real_date('parts[1]', 'parts[3]', 'parts[4]') }}
                            + make_interval(
                                hours => hour, mins => minute, secs => second
                            )
                    end
                from
                    (
                        select
                            regexp_match(
                                {{ text }},
                                '^{{ space }}*0*([1-9][0-9]{3})([- /\\])([0-9]{1,2})\2([0-9]{1,2})(?:(?:T|{{ space }}){{ space }}*([0-9]{1,9}):(?:([0-9]{1,2}):(?:([0-9]{1,2})([.][0-9]*)?)?|([0-9]{0,2})){{ zone }})?$'
                            ) as parts
                        offset 0
                    ) as matched
                cross join
                    lateral
                    (
                        select
                            cast(coalesce(parts[5], '0') as integer) as hour,
                            cast(
                                '0' || coalesce(parts[6], parts[9], '') as integer
                            ) as minute,
                            cast(
                                '0'
                                || coalesce(parts[7], '')
                                || left(coalesce(parts[8], ''), 7) as float8
                            ) as second
                        where parts is not null
                        offset 0
                    ) as counted
            )
    end
{%- endmacro %}

{#
    A moment as epoch seconds, or null: a day and a time of day as warehouses and tills write
    them, or a number of seconds, milliseconds, microseconds or nanoseconds; in the zone given
    where the text names none. A time that a clock skips is moved on by what it skips; of two
    moments that have the same time, the earlier counts.
#}
{% macro read_time(text, zone) %}
    {{ adapter.dispatch('read_time')(text, zone, 'true' if var('day_first', false) else 'false') }}
{% endmacro %}

{#- Day, month, clock, half of the day and offset, each empty where the text has none. -#}
{% macro _time_parts(text) -%}
    regexp_extract(
        {{ text }},
        '(?i)^[\s\pZ]*'
        || {{ duckdb__day_pattern() }}
        || '(?:[T_,\s\pZ]*(\d\d?[:.]\d\d(?:[:.]\d\d)?|-\d\d[.]\d\d[.]\d\d|\d{6}|\d{4})'
        || '(?:[.,]\d+|\d{3})?(?:[\s\pZ]*([ap])[.]?m[.]?)?'
        || '(?:[\s\pZ]*(z|utc|gmt|(?:utc|gmt)?[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)'
        || '(?:[\s\pZ]*[(\[].*)?)?)?[\s\pZ]*$',
        ['day', 'month', 'clock', 'half', 'offset']
    )
{%- endmacro %}

{#- The timestamp, without zone, that such parts make. -#}
{% macro _timestamp_of(parts, day_first) -%}
    {%- set first = '%d{0}%m{0}%Y' if day_first == 'true' else '%m{0}%d{0}%Y' -%}
    {%- set digits -%} translate({{ parts }}.clock, ':.-', ''){%- endset -%}
    {%- set clock -%}
        regexp_replace(
            rpad(
                case length({{ digits }}) % 2 when 1 then '0' else '' end || {{ digits }},
                6,
                '0'
            ),
            '(..)(..)(..)',
            '\1:\2:\3'
        )
    {%- endset -%}
    cast(
        case
            when {{ parts }}.month <> ''
            then
                try_strptime(
                    regexp_replace({{ parts }}.month, '[-/., ]+', ' ', 'g'),
                    ['%d %b %Y', '%b %d %Y', '%d %B %Y', '%B %d %Y']
                )
            when {{ parts }}.day like '%.%.____'
            then try_strptime({{ parts }}.day, '%d.%m.%Y')
            when {{ parts }}.day like '%/%/____'
            then try_strptime({{ parts }}.day, '{{ first.format("/") }}')
            when {{ parts }}.day like '%-%-____'
            then try_strptime({{ parts }}.day, '{{ first.format("-") }}')
            when substr({{ parts }}.day, 5, 1) in ('-', '/', '.')
            then try_strptime(translate({{ parts }}.day, '/.', '--'), '%Y-%m-%d')
            else try_strptime(nullif({{ parts }}.day, ''), '%Y%m%d')
        end as date
    ) + case
        when {{ parts }}.clock like '__:__:__' and {{ parts }}.half = ''
        then try_cast({{ parts }}.clock as time)
        when {{ parts }}.half = ''
        then try_cast({{ clock }} as time)
        else
            cast(
                try_strptime(
                    {{ clock }} || {{ parts }}.half || 'm', '%I:%M:%S%p'
                ) as time
            )
    end
{%- endmacro %}

{#- Any text as 2026-11-20 10:00:00, with its offset if it has one, or as ten digits of seconds. -#}
{% macro _plain_time(text, day_first) -%}
    {%- set iso = '2___-__-_____:__:__' -%}
    {#- The forms of most come first: to take a text apart costs five times as much. #}
    case
        when {{ text }} like '{{ iso }}'
        then {{ text }}
        when
            {{ text }} like '{{ iso }}.%'
            and regexp_full_match(substr({{ text }}, 21), '\d+')
        then left({{ text }}, 19)
        when
            {{ text }} like '{{ iso }}%'
            and regexp_full_match(
                substr({{ text }}, 20), '([.]\d+)?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)'
            )
        then {{ text }}
        when {{ text }} like '2___-__-__'
        then {{ text }} || ' 00:00:00'
        when {{ text }} like '2___-__-_____:__'
        then {{ text }} || ':00'
        when {{ text }} like '__.__.____ __:__:__'
        then
            regexp_replace(
                {{ text }}, '^(\d\d)[.](\d\d)[.]([12]\d{3})(.*)$', '\3-\2-\1\4'
            )
        when regexp_full_match({{ text }}, '[1-9]\d{9}(\d{3}|\d{6}|\d{9})?([.]\d*)?')
        then left({{ text }}, 10)
        else
            coalesce(
                list_transform(
                    [{{ _time_parts(text) }}],
                    lambda parts:cast(
                        {{ _timestamp_of('parts', day_first) }} as varchar
                    ) || case
                        when parts.offset = ''
                        then ''
                        else
                            coalesce(
                                nullif(ltrim(parts.offset, 'zutcgmZUTCGM'), ''), '+00'
                            )
                    end
                )[1],
                nullif(
                    regexp_extract(
                        cast(try_cast({{ text }} as decimal(38, 9)) as varchar),
                        '^([1-9]\d{9})(\d{3}|\d{6}|\d{9})?[.]',
                        1
                    ),
                    ''
                )
            )
    end
{%- endmacro %}

{% macro duckdb__read_time(text, zone, day_first) -%}
    list_transform(
        [{{ _plain_time(text, day_first) }}],
        lambda its_plain_text:
        cast(
            case
                when length(its_plain_text) > 19
                then floor(epoch(try_cast(its_plain_text as timestamptz)))
                when length(its_plain_text) < 19
                then cast(its_plain_text as double)
                else {{ _first_moment('try_cast(its_plain_text as timestamp)', zone) }}
            end as bigint
        )
    )[1]
{%- endmacro %}

{#- The offset of a day before gives the earlier of two moments, if it gives this time at all. -#}
{% macro _first_moment(local, zone) -%}
    list_transform(
        [{{ local }}],
        lambda its_local_time:
        list_transform(
            [epoch(timezone({{ zone }}, its_local_time - interval 24 hours)) + 86400],
            lambda its_earlier_moment:
            case
                when
                    timezone({{ zone }}, to_timestamp(its_earlier_moment))
                    = its_local_time
                then its_earlier_moment
                else epoch(timezone({{ zone }}, its_local_time))
            end
        )[1]
    )[1]
{%- endmacro %}

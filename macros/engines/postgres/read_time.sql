{#- Day, month, clock, half of the day and offset of a text in small letters, each null where it has none. -#}
{% macro _time_parts_in_postgres(text) -%}
    {%- set spaces = '\\t\\n\\f\\r' ~ code_points('Z', 'postgres') -%}
    {%- set space = '[' ~ spaces ~ ']*' -%}
    regexp_match(
        {{ text }},
        '^{{ space }}{{ postgres__day_pattern() }}'
        || '(?:[t_,{{ spaces }}]*([0-9][0-9]?[:.][0-9][0-9](?:[:.][0-9][0-9])?|-[0-9][0-9][.][0-9][0-9][.][0-9][0-9]|[0-9]{6}|[0-9]{4})'
        || '(?:[.,][0-9]+|[0-9]{3})?(?:{{ space }}([ap])[.]?m[.]?)?'
        || '(?:{{ space }}(z|utc|gmt|(?:utc|gmt)?[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)'
        || '(?:{{ space }}[([][^\n]*)?)?)?{{ space }}$'
    )
{%- endmacro %}

{#- Of 20 nov 2026 or nov 20 2026, as 2026-11-20; null where there is no such month. -#}
{% macro _named_day_in_postgres(words) -%}
    {%- set months = 'january february march april may june july august september october november december' -%}
    {%- set short_months = 'jan feb mar apr may jun jul aug sep oct nov dec' -%}
    (
        select
            right(all_words, 4)
            || '-'
            || lpad(
                cast(
                    coalesce(
                        array_position(string_to_array('{{ months }}', ' '), name),
                        array_position(string_to_array('{{ short_months }}', ' '), name)
                    ) as text
                ),
                2,
                '0'
            )
            || '-'
            || lpad(number, 2, '0')
        from
            (
                select
                    all_words,
                    split_part(
                        all_words, ' ', case when all_words ~ '^[0-9]' then 2 else 1 end
                    ) as name,
                    split_part(
                        all_words, ' ', case when all_words ~ '^[0-9]' then 1 else 2 end
                    ) as number
                from
                    (
                        select
                            regexp_replace(
                                {{ words }}, '[-/., ]+', ' ', 'g'
                            ) as all_words
                        offset 0
                    ) as joined
                offset 0
            ) as parted
    )
{%- endmacro %}

{#- Of a day in digits, as 2026-11-20, whether there is such a day or not. -#}
{% macro _iso_day_in_postgres(day, day_first) -%}
    (
        select
            case
                when {{ day }} ~ '^[0-9]{8}$'
                then
                    left({{ day }}, 4)
                    || '-'
                    || substr({{ day }}, 5, 2)
                    || '-'
                    || right({{ day }}, 2)
                when {{ day }} ~ '^[0-9]{4}'
                then
                    numbers[1]
                    || '-'
                    || lpad(numbers[2], 2, '0')
                    || '-'
                    || lpad(numbers[3], 2, '0')
                when
                    {{ day }} like '%.%.____'
                    {% if day_first | lower == 'true' -%}
                        or {{ day }} like '%/%/____' or {{ day }} like '%-%-____'
                    {%- endif %}
                then
                    numbers[3]
                    || '-'
                    || lpad(numbers[2], 2, '0')
                    || '-'
                    || lpad(numbers[1], 2, '0')
                when {{ day }} like '%/%/____' or {{ day }} like '%-%-____'
                then
                    numbers[3]
                    || '-'
                    || lpad(numbers[1], 2, '0')
                    || '-'
                    || lpad(numbers[2], 2, '0')
            end
        from
            (
                select string_to_array(translate({{ day }}, '/.', '--'), '-') as numbers
                offset 0
            ) as parted
    )
{%- endmacro %}

{#- Any text as 2026-11-20 10:00:00, with its offset if it has one, or as ten digits of seconds. -#}
{% macro _plain_time_in_postgres(text, day_first) -%}
    {%- set iso = '2___-__-_____:__:__' -%}
    {#- What needs no taking apart, which costs ten times as much. #}
    {%- set plain -%} [0-9]{1,2}[-/.][0-9]{1,2}[-/.][1-9][0-9]{3}(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?{%- endset -%}
    case
        when {{ text }} like '{{ iso }}'
        then {{ text }}
        when {{ text }} like '{{ iso }}.%' and substr({{ text }}, 21) ~ '^[0-9]+$'
        then left({{ text }}, 19)
        when
            {{ text }} like '{{ iso }}%'
            and substr({{ text }}, 20)
            ~ '^([.][0-9]+)?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$'
        then {{ text }}
        when {{ text }} like '2___-__-__'
        then {{ text }} || ' 00:00:00'
        when {{ text }} like '2___-__-_____:__'
        then {{ text }} || ':00'
        when {{ text }} like '__.__.____ __:__:__'
        then
            regexp_replace(
                {{ text }},
                '^([0-9][0-9])[.]([0-9][0-9])[.]([12][0-9]{3})([^\n]*)$',
                '\3-\2-\1\4'
            )
        when {{ text }} ~ '^[1-9][0-9]{9}([0-9]{3}|[0-9]{6}|[0-9]{9})?([.][0-9]*)?$'
        then left({{ text }}, 10)
        else
            coalesce(
                (
                    select
                        day
                        || ' '
                        || case
                            when parts[4] is null
                            then regexp_replace(clock, '(..)(..)(..)', '\1:\2:\3')
                            when left(clock, 2) between '01' and '12'
                            then
                                lpad(
                                    cast(
                                        cast(left(clock, 2) as integer) % 12 + case
                                            parts[4] when 'p' then 12 else 0
                                        end as text
                                    ),
                                    2,
                                    '0'
                                )
                                || regexp_replace(clock, '..(..)(..)', ':\1:\2')
                        end
                        || case
                            when parts[5] is null
                            then ''
                            else coalesce(nullif(ltrim(parts[5], 'zutcgm'), ''), '+00')
                        end
                    from
                        (
                            select
                                case
                                    when {{ text }} ~ '^{{ plain }}$'
                                    then
                                        array[
                                            split_part({{ text }}, ' ', 1),
                                            null,
                                            split_part({{ text }}, ' ', 2),
                                            null,
                                            null
                                        ]
                                    else
                                        {{ _time_parts_in_postgres('lower(' ~ text ~ ' collate "C")') }}
                                end as parts
                            offset 0
                        ) as matched
                    cross join
                        lateral
                        (
                            select
                                case
                                    when parts[2] is not null
                                    then {{ _named_day_in_postgres('parts[2]') }}
                                    else
                                        {{ _iso_day_in_postgres('parts[1]', day_first) }}
                                end as day,
                                translate(coalesce(parts[3], ''), ':.-', '') as digits
                            where parts is not null
                            offset 0
                        ) as taken
                    cross join
                        lateral
                        (
                            select
                                rpad(
                                    repeat('0', length(digits) % 2) || digits, 6, '0'
                                ) as clock
                            offset 0
                        ) as padded
                ),
                substring(
                    cast({{ postgres__decimal_of(text, 38, 9) }} as text)
                    from '^([1-9][0-9]{9})(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?[.]'
                )
            )
    end
{%- endmacro %}

{#- The offset of a day before gives the earlier of two moments, if it gives this time at all. -#}
{% macro _first_moment_in_postgres(local, zone) -%}
    (
        select
            case
                when
                    timezone({{ zone }}, to_timestamp(cast(earlier_moment as float8)))
                    = {{ local }}
                then earlier_moment
                else extract(epoch from timezone({{ zone }}, {{ local }}))
            end
        from
            (
                select
                    extract(
                        epoch
                        from timezone({{ zone }}, {{ local }} - interval '24 hours')
                    )
                    + 86400 as earlier_moment
                offset 0
            ) as shifted
    )
{%- endmacro %}

{% macro postgres__read_time(text, zone, day_first) -%}
    (
        select
            cast(
                case
                    when length(plain_text) < 19
                    then cast(plain_text as bigint)
                    when length(plain_text) = 19
                    then {{ _first_moment_in_postgres('local_time', zone) }}
                    {#- A time that is followed by a zone's name has no offset. #}
                    when strpos(substr(plain_text, 15), ' ') = 0
                    then
                        floor(
                            extract(
                                epoch
                                from
                                    cast(
                                        to_char(
                                            local_time,
                                            'YYYY-MM-DD HH24:MI:SS'
                                        ) || substring(
                                            substr(plain_text, 20) from '[Z+-].*'
                                        ) as timestamptz
                                    )
                            )
                        )
                end as bigint
            )
        from (select cast({{ text }} as text) as its_text offset 0) as given
        cross join
            lateral
            (
                select
                    {{ _plain_time_in_postgres('its_text', day_first) }} as plain_text
                offset 0
            ) as simplified
        cross join
            lateral
            (
                select {{ postgres__timestamp_of('plain_text') }} as local_time offset 0
            ) as parsed
    )
{%- endmacro %}

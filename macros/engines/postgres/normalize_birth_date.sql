{#- The first reading of a year and two numbers that is a date. -#}
{% macro _date_of_in_postgres(year, month, day) -%}
    coalesce(
        {{ postgres__date_of(year ~ " || '-' || " ~ month ~ " || '-' || " ~ day) }},
        {{ postgres__date_of(year ~ " || '-' || " ~ day ~ " || '-' || " ~ month) }}
    )
{%- endmacro %}

{#- The same, of two numbers and a year. -#}
{% macro _local_date_in_postgres(first, second, year, day_first) -%}
    case
        when {{ day_first }}
        then {{ _date_of_in_postgres(year, second, first) }}
        else {{ _date_of_in_postgres(year, first, second) }}
    end
{%- endmacro %}

{#- The first date in digits anywhere in a text. -#}
{% macro _found_date_in_postgres(text, day_first) -%}
    {%- set dots -%} {{ text }} ~ '[0-9][.] ?[0-9]{1,2}[.] ?[0-9]{4}'{%- endset -%}
    (
        select
            case
                when strpos(found, ' ') = 0
                then
                    {{ postgres__date_of("left(found, 4) || '-' || substr(found, 5, 2) || '-' || substr(found, 7, 2)") }}
                when strpos(found, ' ') = 5
                then
                    {{ _date_of_in_postgres("left(found, 4)", "split_part(found, ' ', 2)", "split_part(found, ' ', 3)") }}
                else
                    {{ _local_date_in_postgres("split_part(found, ' ', 1)", "split_part(found, ' ', 2)", "right(found, 4)", day_first ~ " or " ~ dots) }}
            end
        from
            (
                select
                    substring(
                        regexp_replace(
                            {{ text }},
                            't[0-9]{2}:?[0-9]{2}[^\n]*$|[^0-9a-z]+',
                            ' ',
                            'g'
                        )
                        from
                            '\y(?:(?:19|20)[0-9]{2} [0-9]{1,2} [0-9]{1,2}'
                            || '|[0-9]{1,2} [0-9]{1,2} (?:19|20)[0-9]{2}'
                            || '|(?:19|20)[0-9]{6}(?:[0-9]{6})?)\y'
                    ) as found
                offset 0
            ) as searched
    )
{%- endmacro %}

{% macro postgres__normalize_birth_date(birth_date, month, as_of, day_first) -%}
    {%- set year = "right(" ~ birth_date ~ ", 4)" -%}
    {%- set first = "left(" ~ birth_date ~ ", 2)" -%}
    {%- set second = "substr(" ~ birth_date ~ ", 4, 2)" -%}
    (
        select
            case
                when
                    date_text between '19000101' and to_char(
                        timezone('UTC', to_timestamp({{ as_of }})), 'YYYY1231'
                    )
                then date_text
                else {{ postgres__unless_hashed(birth_date, 'null') }}
            end
        from
            (
                select
                    to_char(
                        cast(
                            coalesce(
                                case
                                    when {{ birth_date }} like '____-__-__%'
                                    then
                                        {{ postgres__date_of('left(' ~ birth_date ~ ', 10)') }}
                                end,
                                case
                                    when {{ birth_date }} like '__.__.____'
                                    then {{ _date_of_in_postgres(year, second, first) }}
                                end,
                                case
                                    when {{ birth_date }} like '__/__/____'
                                    then
                                        {{ _local_date_in_postgres(first, second, year, day_first) }}
                                end,
                                case
                                    when {{ month }} is not null
                                    then
                                        (
                                            select {{ postgres__date_of('named') }}
                                            from
                                                (
                                                    select
                                                        case
                                                            when parts is null
                                                            then {{ birth_date }}
                                                            else
                                                                concat(
                                                                    parts[3],
                                                                    parts[6],
                                                                    parts[7],
                                                                    '-',
                                                                    {{ month }},
                                                                    '-',
                                                                    parts[1],
                                                                    parts[5],
                                                                    parts[9]
                                                                )
                                                        end as named
                                                    from
                                                        (
                                                            select
                                                                {{ postgres__named_date(birth_date) }}
                                                                as parts
                                                            offset 0
                                                        ) as matched
                                                    offset 0
                                                ) as rewritten
                                        )
                                end,
                                {{ _found_date_in_postgres(birth_date, day_first) }}
                            ) as timestamp
                        ),
                        'YYYYMMDD'
                    ) as date_text
                offset 0
            ) as taken
    )
{%- endmacro %}

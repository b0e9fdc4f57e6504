{#
    A date with a four-digit year, anywhere in a text, as YYYYMMDD: a real day of the years 1900
    to that of as_of, else null. Dots mean day first, other signs month first unless day_first;
    where only the swapped reading is a date, it counts. The month is what `months` has for a
    name in the text.
#}
{% macro normalize_birth_date(birth_date, month, as_of, day_first) -%}
    {{ adapter.dispatch('normalize_birth_date')(birth_date, month, as_of, day_first) }}
{%- endmacro %}

{#- The first reading of a year and two numbers that is a date. -#}
{% macro _date_of(year, month, day) -%}
    coalesce(
        try_cast({{ year }} || '-' || {{ month }} || '-' || {{ day }} as date),
        try_cast({{ year }} || '-' || {{ day }} || '-' || {{ month }} as date)
    )
{%- endmacro %}

{#- The same, of two numbers and a year. -#}
{% macro _local_date(first, second, year, day_first) -%}
    case
        when {{ day_first }}
        then {{ _date_of(year, second, first) }}
        else {{ _date_of(year, first, second) }}
    end
{%- endmacro %}

{#- The first date in digits anywhere in a text. -#}
{% macro _found_date(text, day_first) -%}
    {%- set dots -%} regexp_matches({{ text }}, '[0-9][.] ?[0-9]{1,2}[.] ?[0-9]{4}'){%- endset -%}
    list_transform(
        [
            regexp_extract(
                regexp_replace(
                    {{ text }}, 't[0-9]{2}:?[0-9]{2}.*$|[^0-9a-z]+', ' ', 'g'
                ),
                '\b(?:(?:19|20)[0-9]{2} [0-9]{1,2} [0-9]{1,2}'
                || '|[0-9]{1,2} [0-9]{1,2} (?:19|20)[0-9]{2}'
                || '|(?:19|20)[0-9]{6}(?:[0-9]{6})?)\b'
            )
        ],
        lambda found:
        case
            when found = ''
            then null
            when not contains(found, ' ')
            then
                try_cast(
                    left(found, 4)
                    || '-'
                    || substr(found, 5, 2)
                    || '-'
                    || substr(found, 7, 2) as date
                )
            when strlen(split_part(found, ' ', 1)) = 4
            then
                {{ _date_of("left(found, 4)", "split_part(found, ' ', 2)", "split_part(found, ' ', 3)") }}
            else
                {{ _local_date("split_part(found, ' ', 1)", "split_part(found, ' ', 2)", "right(found, 4)", day_first ~ " or " ~ dots) }}
        end
    )[1]
{%- endmacro %}

{% macro duckdb__normalize_birth_date(birth_date, month, as_of, day_first) -%}
    {%- set year = "right(" ~ birth_date ~ ", 4)" -%}
    {%- set first = "left(" ~ birth_date ~ ", 2)" -%}
    {%- set second = "substr(" ~ birth_date ~ ", 4, 2)" -%}
    {%- set date -%}
        {#- The forms of most come first: to search for a date costs ten times as much. #}
        strftime(
            coalesce(
                case
                    when {{ birth_date }} like '____-__-__%'
                    then try_cast(left({{ birth_date }}, 10) as date)
                end,
                case
                    when {{ birth_date }} like '__.__.____'
                    then {{ _date_of(year, second, first) }}
                end,
                case
                    when {{ birth_date }} like '__/__/____'
                    then {{ _local_date(first, second, year, day_first) }}
                end,
                case
                    when {{ month }} is not null
                    then
                        try_cast(
                            {{ duckdb__named_date(birth_date, "'\\3\\6\\7-' || " ~ month ~ " || '-\\1\\5\\9'") }} as date
                        )
                end,
                {{ _found_date(birth_date, day_first) }}
            ),
            '%Y%m%d'
        )
    {%- endset -%}
    {%- set last_day -%}
        strftime(make_timestamp(({{ as_of }}) * 1000000), '%Y1231')
    {%- endset -%}
    case
        when {{ date }} between '19000101' and {{ last_day }}
        then {{ date }}
        else {{ duckdb__unless_hashed(birth_date, 'null') }}
    end
{%- endmacro %}

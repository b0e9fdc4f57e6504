{#-
    A text as a date as DuckDB reads it: white space may stand around it; years before 1000 and
    negative ones are dates too, if none that counts.
-#}
{% macro _spark_date(text) -%}
    case
        when
            {{ text }}
            rlike r'^(?:[0-9]{4}|[\t-\r ]*-?[0-9]{1,3})-[0-9]{1,2}-[0-9]{1,2}[\t-\r ]*\z'
        then
            try_cast(
                regexp_replace(
                    {{ text }}, r'^[\t-\r ]*-?(?=[0-9]{1,3}-)', '000'
                ) as date
            )
    end
{%- endmacro %}

{#- The first reading of a year and two numbers that is a date. -#}
{% macro _spark_date_of(year, month, day) -%}
    coalesce(
        {{ _spark_date(year ~ " || '-' || " ~ month ~ " || '-' || " ~ day) }},
        {{ _spark_date(year ~ " || '-' || " ~ day ~ " || '-' || " ~ month) }}
    )
{%- endmacro %}

{#- The same, of two numbers and a year. -#}
{% macro _spark_local_date(first, second, year, day_first) -%}
    case
        when {{ day_first }}
        then {{ _spark_date_of(year, second, first) }}
        else {{ _spark_date_of(year, first, second) }}
    end
{%- endmacro %}

{#- The first date in digits anywhere in a text. -#}
{% macro _spark_found_date(text, day_first) -%}
    {%- set dots -%} {{ text }} rlike '[0-9][.] ?[0-9]{1,2}[.] ?[0-9]{4}'{%- endset -%}
    transform(
        array(
            regexp_extract(
                regexp_replace(
                    {{ text }}, r't[0-9]{2}:?[0-9]{2}[^\n]*+\z|[^0-9a-z]+', ' '
                ),
                r'\b(?:(?:19|20)[0-9]{2} [0-9]{1,2} [0-9]{1,2}|[0-9]{1,2} [0-9]{1,2} (?:19|20)[0-9]{2}|(?:19|20)[0-9]{6}(?:[0-9]{6})?)\b',
                0
            )
        ),
        its_found -> case
            when its_found = ''
            then null
            when not contains(its_found, ' ')
            then
                try_cast(
                    left(its_found, 4)
                    || '-'
                    || substr(its_found, 5, 2)
                    || '-'
                    || substr(its_found, 7, 2) as date
                )
            when length(split_part(its_found, ' ', 1)) = 4
            then
                {{ _spark_date_of("left(its_found, 4)", "split_part(its_found, ' ', 2)", "split_part(its_found, ' ', 3)") }}
            else
                {{ _spark_local_date("split_part(its_found, ' ', 1)", "split_part(its_found, ' ', 2)", "right(its_found, 4)", day_first ~ " or " ~ dots) }}
        end
    )[0]
{%- endmacro %}

{% macro spark__normalize_birth_date(birth_date, month, as_of, day_first) -%}
    {%- set year = "right(" ~ birth_date ~ ", 4)" -%}
    {%- set first = "left(" ~ birth_date ~ ", 2)" -%}
    {%- set second = "substr(" ~ birth_date ~ ", 4, 2)" -%}
    {%- set date -%}
        coalesce(
            case
                when {{ birth_date }} like '____-__-__%'
                then {{ _spark_date("left(" ~ birth_date ~ ", 10)") }}
            end,
            case
                when {{ birth_date }} like '__.__.____'
                then {{ _spark_date_of(year, second, first) }}
            end,
            case
                when {{ birth_date }} like '__/__/____'
                then {{ _spark_local_date(first, second, year, day_first) }}
            end,
            case
                when {{ month }} is not null
                then
                    {{ _spark_date(spark__named_date(birth_date, "'$3$6$7-' || " ~ month ~ " || '-$1$5$9'")) }}
            end,
            {{ _spark_found_date(birth_date, day_first) }}
        )
    {%- endset -%}
    {%- set last_day -%}
        {{ spark__year_of(as_of) }} || '1231'
    {%- endset -%}
    coalesce(
        transform(
            array(replace(cast({{ date }} as string), '-', '')),
            its_date -> case
                when its_date between '19000101' and {{ last_day }} then its_date
            end
        )[0],
        {{ spark__unless_hashed(birth_date, 'null') }}
    )
{%- endmacro %}

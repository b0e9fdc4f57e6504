{#- Day, month, clock, half of the day and offset, each empty where the text has none. -#}
{% macro _spark_time_parts(text) -%}
    {%- set space -%} \t\n\f\r{{ code_points('Z', 'spark') }}{%- endset -%}
    {%- set pattern -%}
        (?i)^[{{ space }}]*+{{ spark__day_pattern() }}
        {{- '' -}}
        (?:[T_,{{ space }}]*+([0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?|-[0-9]{2}[.][0-9]{2}[.][0-9]{2}|[0-9]{6}|[0-9]{4})
        {{- '' -}}
        (?:[.,][0-9]++|[0-9]{3})?(?:[{{ space }}]*+([ap])[.]?m[.]?)?
        {{- '' -}}
        (?:[{{ space }}]*+(z|utc|gmt|(?:utc|gmt)?[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)
        {{- '' -}}
        (?:[{{ space }}]*+[(\[][^\n]*+)?)?)?[{{ space }}]*+\z
    {%- endset -%}
    case
        when {{ text }} rlike r'{{ pattern }}'
        then
            split(regexp_replace({{ text }}, r'{{ pattern }}', '$1|$2|$3|$4|$5'), '[|]')
    end
{%- endmacro %}

{#- The day of such parts, as Spark reads one. -#}
{% macro _spark_day_of(parts, day_first) -%}
    {%- set local = '$4-$3-$1' if day_first | lower == 'true' else '$4-$1-$3' -%}
    {%- set names = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'] -%}
    {%- set month -%}
        case its_name
            {% for name in names -%}
                when '{{ name }}' then '-{{ loop.index }}-' when '{{ name[:3] }}' then '-{{ loop.index }}-'
            {% endfor -%}
        end
    {%- endset -%}
    try_cast(
        case
            when {{ parts }} [1] <> ''
            then
                right({{ parts }} [1], 4) || transform(
                    array(
                        lower(regexp_replace({{ parts }} [1], '[^a-zA-Zſ\u212a]', ''))
                    ),
                    its_name -> {{ month }}
                )[0]
                || regexp_extract({{ parts }} [1], '([0-9]{1,2})[^0-9]', 1)
            else
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            {{ parts }} [0],
                            '^([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})$',
                            '$3-$2-$1'
                        ),
                        r'^([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})$',
                        '{{ local }}'
                    ),
                    '^([0-9]{4})[-/.]?([0-9]{1,2})[-/.]?([0-9]{1,2})$',
                    '$1-$2-$3'
                )
        end as date
    )
{%- endmacro %}

{#- The time of day of such parts, as 10:00:00. -#}
{% macro _spark_clock_of(parts) -%}
    transform(
        array(translate({{ parts }} [2], ':.-', '')),
        its_digits -> transform(
            array(rpad(if(length(its_digits) % 2 = 1, '0', '') || its_digits, 6, '0')),
            its_clock -> case
                when substr(its_clock, 3) not rlike '^[0-5][0-9][0-5][0-9]$'
                then null
                when
                    {{ parts }} [3] = ''
                    and (left(its_clock, 2) < '24' or its_clock = '240000')
                then left(its_clock, 2)
                when {{ parts }} [3] <> '' and left(its_clock, 2) between '01' and '12'
                then
                    lpad(
                        left(its_clock, 2) % 12
                        + if({{ parts }} [3] in ('p', 'P'), 12, 0),
                        2,
                        '0'
                    )
            end
            || ':'
            || substr(its_clock, 3, 2)
            || ':'
            || substr(its_clock, 5)
        )[0]
    )[0]
{%- endmacro %}

{#- The forms of most as 2026-11-20 10:00:00, with an offset if it has one, or as ten digits of seconds. -#}
{% macro _spark_plain_time(text) -%}
    {%- set iso = '2___-__-_____:__:__' -%}
    case
        when {{ text }} like '{{ iso }}'
        then {{ text }}
        when {{ text }} like '{{ iso }}.%' and substr({{ text }}, 21) rlike r'^[0-9]+\z'
        then left({{ text }}, 19)
        when
            {{ text }} like '{{ iso }}%'
            and substr({{ text }}, 20)
            rlike r'^([.][0-9]+)?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)\z'
        then {{ text }}
        when {{ text }} like '2___-__-__'
        then {{ text }} || ' 00:00:00'
        when {{ text }} like '2___-__-_____:__'
        then {{ text }} || ':00'
        when {{ text }} like '__.__.____ __:__:__'
        then
            regexp_replace(
                {{ text }},
                r'^([0-9]{2})[.]([0-9]{2})[.]([12][0-9]{3})([^\n]*)\z',
                '$3-$2-$1$4'
            )
        when
            {{ text }}
            rlike r'^[1-9][0-9]{9}([0-9]{3}|[0-9]{6}|[0-9]{9})?([.][0-9]*+)?\z'
        then left({{ text }}, 10)
    end
{%- endmacro %}

{#- Any other text in the same forms. -#}
{% macro _spark_odd_time(text, day_first) -%}
    coalesce(
        transform(
            array({{ _spark_time_parts(text) }}),
            its_parts
            -> cast({{ _spark_day_of('its_parts', day_first) }} as string)
            || ' '
            || {{ _spark_clock_of('its_parts') }}
            || if(
                its_parts[4] = '',
                '',
                coalesce(nullif(ltrim('zutcgmZUTCGM', its_parts[4]), ''), '+00')
            )
        )[0],
        nullif(
            regexp_extract(
                cast({{ spark__decimal_of(text, 38, 9) }} as string),
                '^([1-9][0-9]{9})([0-9]{3}|[0-9]{6}|[0-9]{9})?[.]',
                1
            ),
            ''
        )
    )
{%- endmacro %}

{#-
    The timestamp, without zone, that such a form begins with. DuckDB reads more than one would
    think: any white space, single digits, and a name of anything in place of what is missing.
-#}
{% macro _spark_timestamp_of(plain, has_offset=false) -%}
    {%- set clock -%}
        ([0-9]{2}):([0-9]{2}|[0-9](?=[.](?![.]))).*
    {%- endset -%}
    {%- if not has_offset -%}
        {%- set clock -%}
            (?:([0-9]{1,2})(?::(?:([0-9]{1,2})[.]?)?)?)?(?:Z[\t-\r ]*| [+/0-9:A-Z_a-z-]*[\t-\r ]*)?
        {%- endset -%}
    {%- endif -%}
    {%- set odd -%}
        (?s)^(2[0-9]{3}-[0-9]{2}-[0-9]{1,2})[T\t-\r ][\t-\r ]*0*([0-9]{1,2}):{{ clock }}\z
    {%- endset -%}
    {%- set strict = '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}' -%}
    {%- set written -%}
        case
            when left({{ plain }}, 19) rlike '{{ strict }}'
            then left({{ plain }}, 19)
            when {{ plain }} rlike r'{{ odd }}'
            then
                regexp_replace(
                    regexp_replace({{ plain }}, r'{{ odd }}', '$1 $2:00$3:00$4'),
                    ':0{1,2}([0-9]{2})',
                    ':$1'
                )
        end
    {%- endset -%}
    try_cast(replace({{ written }}, '24:00:00', '00:00:00') as timestamp_ntz)
    + if({{ written }} like '%24:00:00', interval '1' day, interval '0' day)
{%- endmacro %}

{#- The epoch seconds of a timestamp in UTC. -#}
{% macro _spark_seconds_of(timestamp) -%}
    cast(
        cast(
            {{ timestamp }} - timestamp_ntz '1970-01-01 00:00:00' as interval second
        ) as bigint
    )
{%- endmacro %}

{#- The seconds of what ends in Z, +01, -0330 or +05:30. -#}
{% macro _spark_offset_of(tail) -%}
    {%- set hours = "regexp_extract(" ~ tail ~ ", '[+-][0-9]{2}', 0)" -%}
    {%- set minutes = "regexp_extract(" ~ tail ~ ", '[+-][0-9]{2}:?([0-9]{2})', 1)" -%}
    (
        coalesce(try_cast({{ hours }} as int), 0) * 3600
        + coalesce(try_cast(left({{ hours }}, 1) || {{ minutes }} as int), 0) * 60
    )
{%- endmacro %}

{#- The moment of such a form. A zone moves on a time that a clock skips, and takes the earlier of two. -#}
{% macro _spark_moment_of(plain, zone) -%}
    case
        when length({{ plain }}) < 19
        then cast({{ plain }} as bigint)
        when length({{ plain }}) = 19
        then
            {{ _spark_seconds_of("convert_timezone(" ~ zone ~ ", 'UTC', " ~ _spark_timestamp_of(plain) ~ ")") }}
        else
            {{ _spark_seconds_of(_spark_timestamp_of(plain, has_offset=true)) }}
            - {{ _spark_offset_of("substr(" ~ plain ~ ", 20)") }}
    end
{%- endmacro %}

{% macro spark__read_time(text, zone, day_first) -%}
    {#- What most write needs no second look, and as a constant is read once. -#}
    {%- set iso -%} ^2[0-9]{3}-[0-9]{2}-[0-9]{2}[ T](?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}{%- endset -%}
    case
        when {{ text }} rlike r'{{ iso }}\z'
        then
            {{ _spark_seconds_of("convert_timezone(" ~ zone ~ ", 'UTC', try_cast(" ~ text ~ " as timestamp_ntz))") }}
        when
            {{ text }}
            rlike r'{{ iso }}(?:[.][0-9]++)?(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)\z'
        then
            {{ _spark_seconds_of("try_cast(left(" ~ text ~ ", 19) as timestamp_ntz)") }}
            - {{ _spark_offset_of("substr(" ~ text ~ ", 20)") }}
        else
            transform(
                array(
                    coalesce(
                        {{ _spark_plain_time(text) }},
                        {{ _spark_odd_time(text, day_first) }}
                    )
                ),
                its_plain_time -> {{ _spark_moment_of('its_plain_time', zone) }}
            )[0]
    end
{%- endmacro %}

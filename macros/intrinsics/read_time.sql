{#
    A moment as epoch seconds, or null: ISO text, epoch seconds, milliseconds or microseconds, or
    a date as people write it; in the zone given where it names none.
#}
{% macro read_time(text, zone) %}
    {{ adapter.dispatch('read_time')(text, zone, 'true' if var('day_first', false) else 'false') }}
{% endmacro %}

{% macro duckdb__read_time(text, zone, day_first) -%}
    case
        when regexp_full_match({{ text }}, '\s*\d{4}[-/]\d.*')
        then
            case
                when
                    regexp_matches(
                        {{ text }}, ':\d\d(\.\d+)?\s*(Z|z|UTC|[+-]\d\d(:?\d\d)?)\s*$'
                    )
                then
                    cast(
                        floor(
                            epoch(
                                try_cast(replace({{ text }}, '/', '-') as timestamptz)
                            )
                        ) as bigint
                    )
                else
                    cast(
                        floor(
                            epoch(
                                timezone(
                                    {{ zone }},
                                    try_cast(replace({{ text }}, '/', '-') as timestamp)
                                )
                            )
                        ) as bigint
                    )
            end
        when regexp_full_match({{ text }}, '\s*\d{10}\s*')
        then try_cast({{ text }} as bigint)
        when regexp_full_match({{ text }}, '\s*\d{13}\s*')
        then try_cast(left(trim({{ text }}), -3) as bigint)
        when regexp_full_match({{ text }}, '\s*\d{16}\s*')
        then try_cast(left(trim({{ text }}), -6) as bigint)
        when
            regexp_full_match(
                {{ text }}, '\s*(\d{1,2}[./]\d{1,2}[./]\d{4}.*|\d{8}|\d{14})\s*'
            )
        then
            cast(
                epoch(
                    timezone(
                        {{ zone }},
                        try_strptime(
                            trim({{ text }}),
                            [
                                '%d.%m.%Y %H:%M:%S',
                                '%d.%m.%Y %H:%M',
                                '%d.%m.%Y',
                                '%Y%m%d',
                                '%Y%m%d%H%M%S',
                                case
                                    when {{ day_first }} then '%d/%m/' else '%m/%d/'
                                end
                                || '%Y %H:%M:%S',
                                case
                                    when {{ day_first }} then '%d/%m/' else '%m/%d/'
                                end
                                || '%Y %H:%M',
                                case
                                    when {{ day_first }} then '%d/%m/' else '%m/%d/'
                                end
                                || '%Y %I:%M:%S %p',
                                case
                                    when {{ day_first }} then '%d/%m/' else '%m/%d/'
                                end
                                || '%Y %I:%M %p',
                                case
                                    when {{ day_first }} then '%d/%m/' else '%m/%d/'
                                end
                                || '%Y'
                            ]
                        )
                    )
                ) as bigint
            )
    end
{%- endmacro %}

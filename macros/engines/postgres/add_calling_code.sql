{% macro postgres__add_calling_code(
    phone,
    calling_code,
    international_prefixes,
    trunk_prefix,
    trunk_lengths,
    lengths,
    local_length,
    area_code
) -%}
    coalesce(
        case
            when length({{ phone }}) > 24
            then {{ phone }}
            when starts_with({{ phone }}, '+')
            then
                case
                    when
                        starts_with({{ phone }}, '+0') or starts_with({{ phone }}, '++')
                    then '+' || ltrim({{ phone }}, '+0')
                    else {{ phone }}
                end
            when
                starts_with({{ phone }}, '00')
                and starts_with(substr({{ phone }}, 3), {{ calling_code }})
            then '+' || substr({{ phone }}, 3)
            when
                {{ international_prefixes }} is not null
                and strpos({{ international_prefixes }}, '|' || left({{ phone }}, 2))
                > 0
            then
                case
                    {%- for digits in (8, 7, 6, 5, 4, 3, 2) %}
                        when
                            strpos(
                                {{ international_prefixes }},
                                '|' || left({{ phone }}, {{ digits }}) || '|'
                            )
                            > 0
                        then '+' || ltrim(substr({{ phone }}, {{ digits + 1 }}), '0')
                    {%- endfor %}
                end
        end,
        case
            when
                starts_with({{ phone }}, '00')
                and not starts_with({{ phone }}, '000')
                and length({{ phone }}) > 9
            then '+' || substr({{ phone }}, 3)
            when {{ international_prefixes }} = '|0|' and starts_with({{ phone }}, '0')
            then '+' || ltrim({{ phone }}, '0')
            when starts_with({{ phone }}, '000') and ltrim({{ phone }}, '0') = ''
            then {{ phone }}
            when {{ calling_code }} is null and starts_with({{ phone }}, '011')
            then '+' || ltrim(substr({{ phone }}, 4), '0')
            when starts_with({{ phone }}, {{ calling_code }})
            then {{ phone }}
            when length({{ phone }}) = {{ local_length }}
            then '+' || {{ calling_code }} || {{ area_code }} || {{ phone }}
            when
                case
                    when starts_with({{ phone }}, {{ trunk_prefix }})
                    then substr({{ trunk_lengths }}, length({{ phone }}), 1)
                    when not starts_with({{ phone }}, '0')
                    then substr({{ lengths }}, length({{ phone }}), 1)
                end
                = '1'
            then '+' || {{ calling_code }} || {{ phone }}
            else {{ phone }}
        end
    )
{%- endmacro %}

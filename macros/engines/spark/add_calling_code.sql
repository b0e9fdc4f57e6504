{% macro spark__add_calling_code(
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
            when char_length({{ phone }}) > 24
            then {{ phone }}
            when startswith({{ phone }}, '+')
            then
                case
                    when startswith({{ phone }}, '+0') or startswith({{ phone }}, '++')
                    then '+' || trim(leading '+0' from {{ phone }})
                    else {{ phone }}
                end
            when
                startswith({{ phone }}, '00')
                and startswith(substr({{ phone }}, 3), {{ calling_code }})
            then '+' || substr({{ phone }}, 3)
            when
                {{ international_prefixes }} is not null
                and contains({{ international_prefixes }}, '|' || left({{ phone }}, 2))
            then
                case
                    {%- for digits in (8, 7, 6, 5, 4, 3, 2) %}
                        when
                            contains(
                                {{ international_prefixes }},
                                '|' || left({{ phone }}, {{ digits }}) || '|'
                            )
                        then
                            '+' || trim(
                                leading '0' from substr({{ phone }}, {{ digits + 1 }})
                            )
                    {%- endfor %}
                end
        end,
        case
            when
                startswith({{ phone }}, '00')
                and not startswith({{ phone }}, '000')
                and char_length({{ phone }}) > 9
            then '+' || substr({{ phone }}, 3)
            when {{ international_prefixes }} = '|0|' and startswith({{ phone }}, '0')
            then '+' || trim(leading '0' from {{ phone }})
            when
                startswith({{ phone }}, '000')
                and trim(leading '0' from {{ phone }}) = ''
            then {{ phone }}
            when {{ calling_code }} is null and startswith({{ phone }}, '011')
            then '+' || trim(leading '0' from substr({{ phone }}, 4))
            when startswith({{ phone }}, {{ calling_code }})
            then {{ phone }}
            when char_length({{ phone }}) = {{ local_length }}
            then '+' || {{ calling_code }} || {{ area_code }} || {{ phone }}
            when
                case
                    when startswith({{ phone }}, {{ trunk_prefix }})
                    then
                        substr(
                            {{ trunk_lengths }}, nullif(char_length({{ phone }}), 0), 1
                        )
                    when not startswith({{ phone }}, '0')
                    then substr({{ lengths }}, nullif(char_length({{ phone }}), 0), 1)
                end
                = '1'
            then '+' || {{ calling_code }} || {{ phone }}
            else {{ phone }}
        end
    )
{%- endmacro %}

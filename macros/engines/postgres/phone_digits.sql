{% macro postgres__phone_digits(phone) -%}
    {%- set extension -%}
        '^([+]?[0-9]{6,})[.]0$|([0-9](?:[^0-9]*[0-9]){3})[^0-9]*[A-Za-z#~;,][^0-9]*[0-9]{1,6}[^0-9]*$'
    {%- endset -%}
    case
        when {{ phone }} ~ '^[+]?[0-9]*$'
        then nullif({{ phone }}, '')
        when {{ phone }} ~ '^[+]?[0-9 ()./-]*[0-9)]$' and right({{ phone }}, 2) <> '.0'
        then translate({{ phone }}, ' -()./', '')
        when {{ phone }} ~ '[0-9A-Fa-f]{32}|[0-9][^+=]*[+]'
        then {{ postgres__visible_text(phone) }}
        else
            nullif(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            {{ postgres__ascii_digits(phone) }},
                            '^([^;]*)[^\n]*;phone-context=([+][0-9]+)[^\n]*$',
                            '\2\1'
                        ),
                        case
                            when octet_length({{ phone }}) = length({{ phone }})
                            then {{ extension }}
                            else
                                {{ extension | replace('A-Za-z', code_points('L', 'postgres')) }}
                        end,
                        '\1\2'
                    ),
                    '[^0-9+]+',
                    '',
                    'g'
                ),
                ''
            )
    end
{%- endmacro %}

{% macro spark__phone_digits(phone) -%}
    {%- set letter = code_points('L', 'spark') -%}
    case
        when {{ phone }} rlike r'^[+]?[0-9]*\z'
        then nullif({{ phone }}, '')
        when
            {{ phone }} rlike r'^[+]?[0-9 ()./-]*[0-9)]\z'
            and not endswith({{ phone }}, '.0')
        then translate({{ phone }}, ' -()./', '')
        when {{ phone }} rlike r'[0-9A-Fa-f]{32}|[0-9][^+=]*+[+]'
        then {{ spark__visible_text(phone) }}
        else
            nullif(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            {{ spark__ascii_digits(phone) }},
                            r'^([^;]*+)[^\n]*;phone-context=([+][0-9]+)[^\n]*\z',
                            '$2$1'
                        ),
                        {#- A letter or sign stands somewhere between the digits. #}
                        r'^([+]?[0-9]{6,})[.]0\z|([0-9](?:[^0-9]*+[0-9]){3})(?=[^0-9]*?[#~;,{{ letter }}])[^0-9]*+[0-9]{1,6}+[^0-9]*\z',
                        '$1$2'
                    ),
                    r'[^0-9+]+',
                    ''
                ),
                ''
            )
    end
{%- endmacro %}

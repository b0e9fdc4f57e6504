{#
    A number as people and machines write it, with a point and without separators or a
    currency's sign: 1.164,61 and £1,164.61 are 1164.61, 0,432 is 0.432, (12.50) and 12.50- are
    -12.50, 1e3 is 1000, and 1164.6100000000001, a double's noise, is 1164.61; what could be
    read two ways (1,164) stays as it is.
#}
{% macro plain_number(text) %}
    {{ adapter.dispatch('plain_number')(text) }}
{% endmacro %}

{#- Digits, points and commas as a number with a point; null where that is no number or two. -#}
{% macro _with_a_point(amount) -%}
    case
        when regexp_full_match({{ amount }}, '(\d+[.]?|\d*[.]\d{1,9})')
        then {{ amount }}
        when regexp_full_match({{ amount }}, '(\d*[.])?\d+([.]|[eE][+-]?\d{1,2})?')
        then
            rtrim(
                rtrim(cast(try_cast({{ amount }} as decimal(38, 6)) as varchar), '0'),
                '.'
            )
        when
            regexp_full_match(
                {{ amount }}, '\d*,(\d\d?|\d{4,})|(\d{4,}|0),\d+|\d{1,3}([.]\d{3})+,\d+'
            )
        then translate({{ amount }}, ',.', '.')
        when
            regexp_full_match(
                {{ amount }}, '\d{1,3}(,\d{2,3})*,\d{3}[.]\d+|\d{1,3}(,\d{3}){2,}'
            )
        then translate({{ amount }}, ',', '')
        when regexp_full_match({{ amount }}, '\d{1,3}([.]\d{3}){2,}')
        then translate({{ amount }}, '.', '')
    end
{%- endmacro %}

{% macro duckdb__plain_number(text) -%}
    {%- set currency = '(?:[A-Z]{3}|[A-Z]{0,3}\\p{Sc})?' -%}
    {%- set space = '[\\s\\pZ]' -%}
    case
        when regexp_full_match({{ text }}, '-?\d+([.]\d{1,9})?')
        then {{ text }}
        when regexp_full_match({{ text }}, '-?\d+,\d\d?')
        then translate({{ text }}, ',', '.')
        else
            coalesce(
                list_transform(
                    [
                        regexp_extract(
                            {{ text }},
                            '^{{ space }}*([(+−–-]?){{ space }}*{{ currency }}{{ space }}*([+−–-]?){{ space }}*(\d{1,3}(?:[''’\s\pZ]\d{3})+(?:[.,]\d+)?|[\d.,]+(?:[eE][+-]?\d+)?){{ space }}*{{ currency }}{{ space }}*([)+−–-]?){{ space }}*$',
                            ['before', 'sign', 'amount', 'after']
                        )
                    ],
                    lambda its_parts: case
                        when
                            its_parts.before || its_parts.sign || its_parts.after
                            in ('', '+')
                        then ''
                        when
                            its_parts.before || its_parts.sign || its_parts.after
                            in ('-', '−', '–', '()')
                        then '-'
                    end
                    || {{ _with_a_point("regexp_replace(its_parts.amount, '[''’\\s\\pZ]', '', 'g')") }}
                )[1],
                {{ text }}
            )
    end
{%- endmacro %}

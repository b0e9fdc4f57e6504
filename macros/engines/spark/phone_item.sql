{% macro spark__phone_item(number, first, second, third) -%}
    {%- set digit = code_points('Nd', 'spark') -%}
    case
        when
            {{ second }} is null
            and {{ third }} is null
            and not contains({{ first }}, ';')
            and not contains({{ first }}, ',')
            and not contains({{ first }}, '|')
        then {{ first if number | int == 1 else 'null' }}
        else
            nullif(
                split_part(
                    regexp_replace(
                        trim(
                            leading ' ;,|'
                            from concat_ws('|', {{ first }}, {{ second }}, {{ third }})
                        ),
                        r'[\t\n\f\r ]*+[;,|][\t\n\f\r ;,|]*+([+＋(]?[{{ digit }}][{{ digit }}\t\n\f\r ()./-]{5,})',
                        '|$1'
                    ),
                    '|',
                    {{ number }}
                ),
                ''
            )
    end
{%- endmacro %}

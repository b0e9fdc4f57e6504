{% macro postgres__phone_item(number, first, second, third) -%}
    {%- set digit = code_points('Nd', 'postgres') -%}
    case
        when {{ second }} is null and {{ third }} is null and {{ first }} !~ '[;,|]'
        then {{ first if number | int == 1 else 'null' }}
        else
            nullif(
                split_part(
                    regexp_replace(
                        ltrim(
                            concat_ws('|', {{ first }}, {{ second }}, {{ third }}),
                            ' ;,|'
                        ),
                        '[ \t\n\f\r]*[;,|][ \t\n\f\r;,|]*([+＋(]?[{{ digit }}][{{ digit }} \t\n\f\r()./-]{5,})',
                        '|\1',
                        'g'
                    ),
                    '|',
                    {{ number }}
                ),
                ''
            )
    end
{%- endmacro %}

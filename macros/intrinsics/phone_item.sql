{#
    The nth of the phones in up to three columns, each of which may hold several with a
    semicolon, comma or bar between; what follows a separator and is too short for a phone is an
    extension.
#}
{% macro phone_item(number, first, second, third) %}
    {{ adapter.dispatch('phone_item')(number, first, second, third) }}
{% endmacro %}

{% macro duckdb__phone_item(number, first, second, third) -%}
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
                        ltrim(
                            concat_ws('|', {{ first }}, {{ second }}, {{ third }}),
                            ' ;,|'
                        ),
                        '\s*[;,|][\s;,|]*([+＋(]?\p{Nd}[\p{Nd}\s()./-]{5,})',
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

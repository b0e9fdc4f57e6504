{#
    The digits of a phone in any script, with the plus in front if there is one; an extension,
    up to six digits behind a word or a sign, goes, and so does what a float adds (.0). A hash stays
    as it is, and so does what has digits before its plus (1.65E+10): neither becomes a number.
#}
{% macro phone_digits(phone) %}
    {{ adapter.dispatch('phone_digits')(phone) }}
{% endmacro %}

{% macro duckdb__phone_digits(phone) -%}
    {%- set plain = namespace(text=phone) -%}
    {%- for sign in ' -()./' -%}
        {%- set plain.text = "replace(" ~ plain.text ~ ", '" ~ sign ~ "', '')" -%}
    {%- endfor -%}
    case
        when regexp_full_match({{ phone }}, '[+]?[0-9]*')
        then nullif({{ phone }}, '')
        when
            regexp_full_match({{ phone }}, '[+]?[0-9 ()./-]*[0-9)]')
            and not suffix({{ phone }}, '.0')
        then {{ plain.text }}
        when regexp_matches({{ phone }}, '[0-9A-Fa-f]{32}|[0-9][^+=]*[+]')
        then {{ duckdb__visible_text(phone) }}
        else
            nullif(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            {{ duckdb__ascii_digits(phone) }},
                            '^([^;]*).*;phone-context=([+][0-9]+).*$',
                            '\2\1'
                        ),
                        '^([+]?[0-9]{6,})[.]0$|([0-9](?:[^0-9]*[0-9]){3})[^0-9]*[\p{L}#~;,][^0-9]*[0-9]{1,6}[^0-9]*$',
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

{# A text with the decimal digits of other scripts, and the full-width plus, as ASCII. #}
{% macro ascii_digits(text) %}
    {{ adapter.dispatch('ascii_digits')(text) }}
{% endmacro %}

{#- The zeros of the scripts that tills and forms produce; nine more digits follow each. -#}
{% macro _digits_of_scripts() -%}
    {%- for zero in [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66,
        0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040,
        0x17e0, 0x1810, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
    ] -%}
        {%- for digit in range(10) -%} {{ '%c' | format(zero + digit) }}{%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{% macro duckdb__ascii_digits(text) -%}
    (
        case
            when strlen({{ text }}) = length({{ text }})
            then {{ text }}
            else
                translate(
                    {{ text }},
                    '{{ _digits_of_scripts() }}＋',
                    '{{ "0123456789" * 24 }}+'
                )
        end
    )
{%- endmacro %}

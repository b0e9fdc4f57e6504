{% macro spark__ascii_digits(text) -%}
    {%- set digits = [] -%}
    {%- for zero in digit_zeros().split() -%}
        {%- for digit in range(10) -%}
            {%- do digits.append('%c' | format((zero | int(base=16)) + digit)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set ascii = '0123456789' * digit_zeros().split() | length -%}
    translate({{ text }}, '＋{{ digits | join }}', '+{{ ascii }}')
{%- endmacro %}

{% macro postgres__ascii_digits(text) -%}
    {%- set scripts = namespace(ranges='＋', signs='＋', ascii='+') -%}
    {%- for zero in digit_zeros().split() -%}
        {%- set zero = zero | int(base=16) -%}
        {%- set scripts.ranges = scripts.ranges ~ '%c-%c' | format(zero, zero + 9) -%}
        {%- for digit in range(10) -%}
            {%- set scripts.signs = scripts.signs ~ '%c' | format(zero + digit) -%}
            {%- set scripts.ascii = scripts.ascii ~ digit -%}
        {%- endfor -%}
    {%- endfor -%}
    case
        when {{ text }} ~ '[{{ scripts.ranges }}]'
        then translate({{ text }}, '{{ scripts.signs }}', '{{ scripts.ascii }}')
        else {{ text }}
    end
{%- endmacro %}

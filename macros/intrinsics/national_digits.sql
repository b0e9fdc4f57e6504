{#
    The digits of a phone as a national number: without the country's trunk prefix (`8` and `1`
    only where the number is too long with it), and without zeros in front unless the country's
    numbers have them.
#}
{% macro national_digits(phone, trunk_prefix, keeps_zero, max_length) -%}
    {{ adapter.dispatch('national_digits')(phone, trunk_prefix, keeps_zero, max_length) }}
{%- endmacro %}

{% macro duckdb__national_digits(phone, trunk_prefix, keeps_zero, max_length) -%}
    (
        case
            when
                starts_with({{ phone }}, {{ trunk_prefix }})
                and (
                    starts_with({{ trunk_prefix }}, '0')
                    or length({{ phone }}) > {{ max_length }}
                )
            then substr({{ phone }}, length({{ trunk_prefix }}) + 1)
            when {{ keeps_zero }}
            then {{ phone }}
            else ltrim({{ phone }}, '0')
        end
    )
{%- endmacro %}

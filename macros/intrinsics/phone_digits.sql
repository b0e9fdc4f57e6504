{#
    The digits of a phone as it was written, with the plus in front if there is one: extensions
    and a (0) behind a calling code go; the (0) behind +39 is Italy's own and stays.
#}
{% macro phone_digits(phone) %}
    {{ adapter.dispatch('phone_digits')(phone) }}
{% endmacro %}

{% macro duckdb__phone_digits(phone) -%}
    {%- set rule -%}
        nullif(regexp_replace({{ phone }}, '([0-8]|[0-24-9]9)[^0-9+]*[(]0[)]|([0-9])[^0-9+]*[;#x].*$|[^0-9+]+', '\1\2', 'g'), '')
    {%- endset -%}
    {{ duckdb__unless_hashed(phone, 'null', rule) }}
{%- endmacro %}

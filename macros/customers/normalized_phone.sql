{# A phone of a customer, by the row of `calling_prefixes` that is joined for it. #}
{% macro normalized_phone(phone, prefix) -%}
    {{ normalize_phone(
    phone,
    'customers.home_code',
    prefix ~ '.calling_code',
    prefix ~ '.trunk_digits',
    prefix ~ '.lengths',
    prefix ~ '.home_lengths',
) }}
{%- endmacro %}

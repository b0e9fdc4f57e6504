{# A phone of a customer with the calling code of the row of `calling_codes` beside it. #}
{% macro international_phone(phone) -%}
    {{ add_calling_code(
    phone,
    'calling_codes.calling_code',
    'calling_codes.international_prefixes',
    'calling_codes.trunk_prefix',
    'calling_codes.trunk_lengths',
    'calling_codes.lengths',
    'calling_codes.local_length',
    'calling_codes.area_code',
) }}
{%- endmacro %}

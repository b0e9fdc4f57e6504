{#
    The three columns of Meta's Limited Data Use, for the sales of which a condition holds:
    `limited_data_use(when="state = 'CA'", country=1, state=1000)`. Country 0 and state 0 ask Meta to place
    the customer by a client_ip_address, which must then be there.
#}
{% macro limited_data_use(when, country=1, state=1000) -%}
    {%- if country not in [0, 1] or (state != 0 and state not in range(1000, 1014)) -%}
        {{ exceptions.raise_compiler_error('limited_data_use takes country 0 or 1, and state 0 or 1000 to 1013') }}
    {%- endif -%}
    case when {{ when }} then 'LDU' end as data_processing_options,
    case when {{ when }} then '{{ country }}' end as data_processing_options_country,
    case when {{ when }} then '{{ state }}' end as data_processing_options_state
{%- endmacro %}

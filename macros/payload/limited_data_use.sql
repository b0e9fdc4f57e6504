{#
    Meta's Limited Data Use: `limited_data_use(when="state = 'CA'", country=1, state=1000)`. Without a client's
    IP address Meta wants country and state; 0 and 0 ask it to place the customer by that address.
#}
{% macro limited_data_use(when, country=1, state=1000) -%}
    {%- if country not in [0, 1] or (state != 0 and state not in range(1000, 1014)) -%}
        {{ exceptions.raise_compiler_error('limited_data_use takes country 0 or 1, and state 0 or 1000 to 1013') }}
    {%- endif -%}
    case
        when {{ when }}
        then
            {{ json_pairs(
    json_pair("'data_processing_options'", "'[\"LDU\"]'"),
    json_pair("'data_processing_options_country'", "'" ~ country ~ "'"),
    json_pair("'data_processing_options_state'", "'" ~ state ~ "'"),
) }}
    end
{%- endmacro %}

{% macro postgres__problem_of_ip_address(address, normalized) -%}
    case
        when {{ address }} is not null and {{ normalized }} is null
        then 'client_ip_address_malformed'
    end
{%- endmacro %}

{# The customer's columns of every staging model, in one order; of a relation if one is named. #}
{% macro customer_columns(relation=none) -%}
    {%- set names = 'email email_2 email_3 phone phone_2 phone_3 fn ln gen db ct st zip country external_id external_id_2 external_id_3 madid lead_id client_ip_address client_user_agent user_keys'.split() -%}
    {%- for name in names -%}
        {{ relation ~ '.' if relation }}{{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# A pair of user_keys as it should look: an id of a click or a browser begins with fb. For known_user_keys only. #}
{% macro user_key_pattern() -%}
    {%- set sign = '[0-9A-Za-z._:+/=~-]' -%}
    {%- set ids = 'subscription_id|fb_login_id|page_id|page_scoped_user_id|ig_account_id|ig_sid|ctwa_clid|whatsapp_business_account_id' -%}
    {{ '(?:"fb[cp]" *: *"fb[.]' ~ sign ~ '+"|"(?:' ~ ids ~ ')" *: *(?:"' ~ sign ~ '+"|[0-9]+))' }}
{%- endmacro %}

{# What user_data takes in clear beside the columns of its own: `user_keys(fbc='click_id', fbp='browser_id')`. #}
{% macro user_keys() -%}
    {%- set texts = {} -%}
    {%- for name, column in kwargs.items() -%}
        {%- do texts.update({name: text_in_clear('cast(' ~ column ~ ' as varchar)')}) -%}
    {%- endfor -%}
    {{ named_pairs('user_keys', texts, known=['fbc', 'fbp', 'subscription_id', 'fb_login_id', 'page_id', 'page_scoped_user_id', 'ig_account_id', 'ig_sid', 'ctwa_clid', 'whatsapp_business_account_id']) }}
{%- endmacro %}

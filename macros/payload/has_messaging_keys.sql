{# Whether user_keys names the customer as a messaging channel does: by the account and by the person's id in it. #}
{% macro has_messaging_keys(channel, keys) -%}
    case
        {{ channel }}
        when 'messenger'
        then
            {{ json_has(keys, "'page_id'") }}
            and {{ json_has(keys, "'page_scoped_user_id'") }}
        when 'instagram'
        then
            {{ json_has(keys, "'ig_account_id'") }} and {{ json_has(keys, "'ig_sid'") }}
        when 'whatsapp'
        then
            {{ json_has(keys, "'ctwa_clid'") }}
            and (
                {{ json_has(keys, "'whatsapp_business_account_id'") }}
                or {{ json_has(keys, "'page_id'") }}
            )
        else false
    end
{%- endmacro %}

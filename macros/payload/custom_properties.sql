{#
    Properties of one's own in custom_data: `custom_properties(loyalty_tier='tier', points='points')`.
    Each value is a column or an expression; texts, numbers and booleans stay what they are.
#}
{% macro custom_properties() -%}
    {%- set values = {} -%}
    {%- for name, column in kwargs.items() -%}
        {#- Meta reads these two as texts -#}
        {%- do values.update({name: 'cast(' ~ column ~ ' as varchar)' if name in ['content_name', 'content_category'] else column}) -%}
    {%- endfor -%}
    {{ named_pairs('custom_properties', values, taken=['value', 'currency', 'order_id', 'item_number', 'contents', 'content_type', 'content_ids', 'num_items', 'predicted_ltv', 'net_revenue', 'delivery_category', 'store_data']) }}
{%- endmacro %}

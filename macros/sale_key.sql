{# What a sale with an order id is, whenever it was and whoever bought: also what `tillpost ledger forget` computes from an order id. #}
{% macro sale_key() -%}
    {{ digest16("'sale'", 'dataset_id', 'event_name', 'item_number', 'order_id') }}
{%- endmacro %}

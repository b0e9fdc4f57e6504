-- One row per order taken on the web, by phone or by mail, under Tillpost's names.
with orders as (select * from {{ source('shop', 'orders') }})

select
    -- the row
    'shop.orders' as source_name,
    filename as source_file,
    file_row_number + 1 as source_row,
    {{ key('shop.orders', 'row_key') }} as row_key,
    {{ key('shop.orders', 'line_key') }} as line_key,
    {{ key('shop.orders', 'basket_key') }} as basket_key,
    {{ export_id('shop.orders', 'filename') }} as export_id,
    {{ version('shop.orders') }} as version,
    {{ lookback('shop.orders') }} as lookback,
    -- the sale
    '{{ var("dataset_id") }}' as dataset_id,
    'Purchase' as event_name,
    channel as action_source,
    order_id,
    {{ read_time('cast(ordered_at as varchar)', time_zone('shop.orders')) }}
    as event_time,
    {{ is_date_only('cast(ordered_at as varchar)') }} as is_date_only,
    page_url as event_source_url,
    currency,
    cast(total as varchar) as order_total,
    {{ unmapped(
        'item_number', 'event_id', 'referrer_url', 'messaging_channel', 'net_revenue',
        'predicted_ltv', 'num_items', 'content_ids', 'app_data', 'original_event_data',
        'consent', 'opt_out', 'data_processing_options', 'data_processing_options_country',
        'data_processing_options_state', 'store_data', 'custom_properties',
    ) }},
    -- the line
    {{ unmapped(
        'line_total', 'quantity', 'unit_price', 'item_id', 'item_title', 'item_description',
        'item_brand', 'item_category', 'delivery_category',
    ) }},
    -- the customer
    email,
    phone,
    first_name as fn,
    last_name as ln,
    gender as gen,
    cast(birth_date as varchar) as db,
    city as ct,
    state as st,
    postal_code as zip,
    country,
    customer_no as external_id,
    mobile_ad_id as madid,
    lead_no as lead_id,
    user_agent as client_user_agent,
    {{ unmapped(
        'email_2', 'email_3', 'phone_2', 'phone_3', 'external_id_2', 'external_id_3',
        'client_ip_address', 'user_keys',
    ) }}
from orders
where {{ in_scope('shop.orders') }}

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
    cast(null as varchar) as item_number,
    cast(null as varchar) as event_id,
    {{ read_time('cast(ordered_at as varchar)', time_zone('shop.orders')) }}
    as event_time,
    page_url as event_source_url,
    currency,
    cast(total as varchar) as order_total,
    -- the line
    cast(null as varchar) as line_total,
    cast(null as varchar) as quantity,
    cast(null as varchar) as unit_price,
    cast(null as varchar) as item_id,
    cast(null as varchar) as item_brand,
    cast(null as varchar) as item_category,
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
    user_agent as client_user_agent
from orders
where {{ in_scope('shop.orders') }}

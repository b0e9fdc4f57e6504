-- One row per exported line of a till's receipt: the export under Tillpost's names.
with
    till_lines as (
        select *, row_number() over () as source_row
        from {{ source('tills', 'till_lines') }}
    )

select
    -- the row
    'tills.till_lines' as source_name,
    filename as source_file,
    source_row,
    {{ key('tills.till_lines', 'row_key') }} as row_key,
    {{ key('tills.till_lines', 'line_key') }} as line_key,
    {{ key('tills.till_lines', 'basket_key') }} as basket_key,
    {{ export_id('tills.till_lines', 'filename') }} as export_id,
    {{ version('tills.till_lines') }} as version,
    {{ lookback('tills.till_lines') }} as lookback,
    -- the sale
    '{{ var("dataset_id") }}' as dataset_id,
    'Purchase' as event_name,
    'physical_store' as action_source,
    -- receipt numbers start again each year in each store
    store_id || '-' || substr(sold_at, 1, 4) || '-' || receipt_no as order_id,
    {{ read_time('sold_at', time_zone('tills.till_lines')) }} as event_time,
    {{ is_date_only('sold_at') }} as is_date_only,
    currency,
    {{ store_data(store_code='store_id') }} as store_data,
    {{ unmapped(
        'item_number', 'event_id', 'event_source_url', 'referrer_url', 'messaging_channel',
        'order_total', 'net_revenue', 'predicted_ltv', 'num_items', 'content_ids', 'app_data',
        'original_event_data', 'consent', 'opt_out', 'data_processing_options',
        'data_processing_options_country', 'data_processing_options_state',
        'custom_properties',
    ) }},
    -- the line
    line_total,
    quantity,
    unit_price,
    article_no as item_id,
    brand as item_brand,
    category as item_category,
    {{ unmapped('item_title', 'item_description', 'delivery_category') }},
    -- the customer
    email,
    phone,
    first_name as fn,
    last_name as ln,
    gender as gen,
    birth_date as db,
    city as ct,
    state as st,
    postal_code as zip,
    country,
    customer_no as external_id,
    {{ unmapped(
        'email_2', 'email_3', 'phone_2', 'phone_3', 'external_id_2', 'external_id_3', 'madid',
        'lead_id', 'client_ip_address', 'client_user_agent', 'user_keys',
    ) }}
from till_lines
where {{ in_scope('tills.till_lines') }}

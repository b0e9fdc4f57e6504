-- One row per line, from a table of texts with every column that Tillpost has.
with till_lines as (select * from {{ source('tills', 'till_lines') }})

select
    -- the row
    'tills.till_lines' as source_name,
    cast(null as varchar) as source_file,
    cast(source_row as bigint) as source_row,
    {{ key('tills.till_lines', 'row_key') }} as row_key,
    {{ key('tills.till_lines', 'line_key') }} as line_key,
    {{ key('tills.till_lines', 'basket_key') }} as basket_key,
    {{ export_id('tills.till_lines', 'null') }} as export_id,
    {{ version('tills.till_lines') }} as version,
    {{ lookback('tills.till_lines') }} as lookback,
    -- the sale
    coalesce(dataset_id, '{{ var("dataset_id") }}') as dataset_id,
    event_name,
    action_source,
    order_id,
    {{ read_time('event_time', time_zone('tills.till_lines')) }} as event_time,
    {{ is_date_only('event_time') }} as is_date_only,
    event_source_url,
    currency,
    item_number,
    event_id,
    referrer_url,
    messaging_channel,
    order_total,
    net_revenue,
    predicted_ltv,
    num_items,
    content_ids,
    app_data,
    original_event_data,
    consent,
    opt_out,
    data_processing_options,
    data_processing_options_country,
    data_processing_options_state,
    store_data,
    custom_properties,
    -- the line
    line_total,
    quantity,
    unit_price,
    item_id,
    item_title,
    item_description,
    item_brand,
    item_category,
    delivery_category,
    -- the customer
    {{ customer_columns() }}
from till_lines
where {{ in_scope('tills.till_lines') }}

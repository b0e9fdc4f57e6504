-- One row per source row: its texts trimmed, its numbers as one writes them plainly.
-- Nothing personal.
with
    sales as (select * from {{ ref('int_numbered_sales') }}),

    -- what reads a number takes its text in many places
    cleaned as (
        select
            *,
            {{ clean_text('currency') }} as currency_text,
            {{ clean_text('order_total') }} as order_total_text,
            {{ clean_text('net_revenue') }} as net_revenue_text,
            {{ clean_text('predicted_ltv') }} as predicted_ltv_text,
            {{ clean_text('num_items') }} as num_items_text,
            {{ clean_text('line_total') }} as line_total_text,
            {{ clean_text('quantity') }} as quantity_text,
            {{ clean_text('unit_price') }} as unit_price_text
        from sales
    )

select
    row_id,
    row_ref,
    source_name,
    source_file,
    source_row,
    row_key,
    line_key,
    basket_key,
    export_id,
    version,
    lookback,
    dataset_id,
    event_time,
    is_date_only,
    {{ clean_text('event_name') }} as event_name,
    {{ lowered(clean_text('action_source')) }} as action_source,
    {{ clean_text('order_id') }} as order_id,
    {{ 'coalesce(' ~ clean_text('item_number') ~ ', line_key, row_key)' if var('event_per_line', false) else clean_text('item_number') }}
    as item_number,
    {{ clean_text('event_id') }} as event_id,
    {{ clean_text('event_source_url') }} as event_source_url,
    {{ clean_text('referrer_url') }} as referrer_url,
    {{ lowered(clean_text('messaging_channel')) }} as messaging_channel,
    {{ currency_code('currency_text') }} as currency,
    {{ plain_number('order_total_text') }} as order_total,
    {{ plain_number('net_revenue_text') }} as net_revenue,
    {{ plain_number('predicted_ltv_text') }} as predicted_ltv,
    {{ plain_number('num_items_text') }} as num_items,
    content_ids,
    app_data,
    original_event_data,
    store_data,
    custom_properties,
    {{ says_yes('consent') }} as has_consent,
    {{ says_other_than_no('opt_out') }} as opts_out,
    nullif(
        {{ lowered(clean_text('cast(data_processing_options as varchar)')) }}, '[]'
    ) as data_processing_options,
    {{ clean_text('cast(data_processing_options_country as varchar)') }}
    as data_processing_options_country,
    {{ clean_text('cast(data_processing_options_state as varchar)') }}
    as data_processing_options_state,
    {{ plain_number('line_total_text') }} as line_total,
    {{ plain_number('quantity_text') }} as quantity,
    {{ plain_number('unit_price_text') }} as unit_price,
    {{ clean_text('item_id') }} as item_id,
    {{ clean_text('item_title') }} as item_title,
    {{ clean_text('item_description') }} as item_description,
    {{ clean_text('item_brand') }} as item_brand,
    {{ clean_text('item_category') }} as item_category,
    {{ lowered(clean_text('delivery_category')) }} as delivery_category,
    case
        when
            coalesce(
                app_data,
                original_event_data,
                content_ids,
                store_data,
                custom_properties,
                user_keys
            )
            is not null
        then
            not {{ is_json(
                json_object(
                    json_pair("'app_data'", 'app_data'),
                    json_pair("'original_event_data'", 'original_event_data'),
                    json_pair("'content_ids'", 'content_ids'),
                    json_pair("'store_data'", 'store_data'),
                    'custom_properties',
                    'user_keys',
                )
            ) }}
        else false
    end as has_bad_json,
    client_user_agent is not null as has_user_agent,
    {{ has_messaging_keys(
        lowered(clean_text('messaging_channel')), known_user_keys('user_keys')
    ) }} as has_messaging_keys,
    {{ filled_columns() }} as filled_columns
from cleaned

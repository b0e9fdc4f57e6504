-- One row per order, from a table of texts; what travels along is made of columns.
with orders as (select * from {{ source('shop', 'orders') }})

select
    -- the row
    'shop.orders' as source_name,
    cast(null as varchar) as source_file,
    cast(source_row as bigint) as source_row,
    {{ key('shop.orders', 'row_key') }} as row_key,
    {{ key('shop.orders', 'line_key') }} as line_key,
    {{ key('shop.orders', 'basket_key') }} as basket_key,
    {{ export_id('shop.orders', 'null') }} as export_id,
    {{ version('shop.orders') }} as version,
    {{ lookback('shop.orders') }} as lookback,
    -- the sale
    coalesce(dataset_id, '{{ var("dataset_id") }}') as dataset_id,
    event_name,
    action_source,
    order_id,
    {{ read_time('event_time', time_zone('shop.orders')) }} as event_time,
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
    coalesce(content_ids, {{ json_words('skus', "'|'") }}) as content_ids,
    coalesce(
        app_data,
        {{ app_data(
            extinfo=extinfo(kind='device', os_version='os_version'),
            advertiser_tracking_enabled='cast(att as integer)',
        ) }}
    ) as app_data,
    coalesce(
        original_event_data, {{ original_event_data(event_name='lead_event') }}
    ) as original_event_data,
    consent,
    opt_out,
    coalesce(
        data_processing_options, case when residence = 'CA' then 'LDU' end
    ) as data_processing_options,
    coalesce(
        data_processing_options_country, case when residence = 'CA' then '1' end
    ) as data_processing_options_country,
    coalesce(
        data_processing_options_state, case when residence = 'CA' then '1000' end
    ) as data_processing_options_state,
    coalesce(store_data, {{ store_data(store_code='store_no') }}) as store_data,
    coalesce(
        custom_properties,
        {{ custom_properties(
            loyalty_tier='tier',
            points='cast(points as integer)',
            share='cast(points as decimal(10, 2))',
            is_gold="tier = 'gold'",
            content_name='cast(points as integer)',
        ) }}
    ) as custom_properties,
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
    email,
    email_2,
    email_3,
    phone,
    phone_2,
    phone_3,
    fn,
    ln,
    gen,
    db,
    ct,
    st,
    zip,
    country,
    external_id,
    external_id_2,
    external_id_3,
    madid,
    lead_id,
    client_ip_address,
    client_user_agent,
    coalesce(
        user_keys,
        {{ user_keys(
            fbc='fbc',
            fbp='fbp',
            subscription_id='subscription_id',
            fb_login_id='fb_login_id',
            page_id='cast(page_id as bigint)',
            page_scoped_user_id='page_scoped_user_id',
            ig_account_id='ig_account_id',
            ig_sid='ig_sid',
            ctwa_clid='ctwa_clid',
            whatsapp_business_account_id='waba_id',
        ) }}
    ) as user_keys
from orders
where {{ in_scope('shop.orders') }}

-- One row per source row: what only travels along with a sale, as finished JSON, and
-- what in it is of no use.
with
    sales as (select * from {{ ref('int_cleaned_sales') }}),

    numbers as (
        select
            *,
            {{ read_number('net_revenue') }} as net_revenue_number,
            {{ read_number('predicted_ltv') }} as predicted_ltv_number,
            case
                when
                    {{ read_number('num_items') }} >= 1
                    and {{ read_number('num_items') }}
                    = round({{ read_number('num_items') }}, 0)
                then cast({{ read_number('num_items') }} as bigint)
            end as whole_num_items,
            case
                when delivery_category in ('in_store', 'curbside', 'home_delivery')
                then delivery_category
            end as known_delivery_category,
            {{ data_processing(
                'data_processing_options',
                'data_processing_options_country',
                'data_processing_options_state',
            ) }} as data_processing
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
    event_name,
    action_source,
    order_id,
    item_number,
    currency,
    order_total,
    line_total,
    quantity,
    unit_price,
    item_id,
    item_title,
    item_description,
    item_brand,
    item_category,
    known_delivery_category as delivery_category,
    -- audit looks into it, and must not fail over what is no JSON
    case when not has_bad_json then store_data end as store_data,
    cast(whole_num_items as varchar) as num_items,
    content_ids,
    nullif(
        {{ json_pairs(
            json_pair("'event_id'", json_text('event_id')),
            json_pair("'event_source_url'", json_text('event_source_url')),
            json_pair("'referrer_url'", json_text('referrer_url')),
            json_pair("'messaging_channel'", json_text('messaging_channel')),
            json_pair("'app_data'", 'app_data'),
            json_pair("'original_event_data'", 'original_event_data'),
        ) }},
        ''
    ) as event_properties,
    nullif(
        {{ json_pairs(
            json_pair(
                "'net_revenue'",
                number_text('net_revenue_number', decimal_places('net_revenue')),
            ),
            json_pair(
                "'predicted_ltv'",
                number_text('predicted_ltv_number', decimal_places('predicted_ltv')),
            ),
            json_pair(
                "'store_data'", 'store_data' if var('send_store_data', false) else 'null'
            ),
            'custom_properties',
        ) }},
        ''
    ) as custom_properties,
    event_source_url is not null as has_page,
    {{ json_has('app_data', "'extinfo'") }} as has_app_data,
    has_bad_json,
    has_consent,
    opts_out,
    data_processing,
    data_processing_options is not null
    and data_processing is null as has_bad_data_processing,
    has_user_agent,
    has_messaging_keys,
    filled_columns,
    nullif(
        {{ word_list(
        "case when is_date_only and order_id is null then 'event_time_date_only' end",
        "case when net_revenue is not null and net_revenue_number is null then 'net_revenue_malformed' end",
        "case when predicted_ltv is not null and predicted_ltv_number is null then 'predicted_ltv_malformed' end",
        "case when num_items is not null and whole_num_items is null then 'num_items_malformed' end",
        "case when delivery_category is not null and known_delivery_category is null then 'delivery_category_unknown' end",
    ) }},
        ''
    ) as problems
from numbers

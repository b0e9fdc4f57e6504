-- One row per basket: what its event needs beside the customer, keys and finished JSON.
with baskets as (select * from {{ ref('int_judged_baskets') }})

select
    basket,
    dataset_id,
    event_time,
    sendable_until,
    sale_key,
    reasons,
    needs_customer,
    -- country 0 and state 0: Meta looks the place up by the customer's address
    coalesce(data_processing like '%:0%', false) as needs_address,
    case
        when order_id is not null
        then
            {{ digest16(
                "'order'", 'dataset_id', 'event_time', 'event_name', 'item_number',
                'order_id',
            ) }}
    end as order_event_key,
    {{ digest16("'moment'", 'dataset_id', 'event_time', 'event_name', 'item_number') }}
    as moment_key,
    {{ json_pairs(
        json_pair("'event_name'", json_text('event_name')),
        json_pair("'event_time'", 'cast(event_time as varchar)'),
        json_pair("'action_source'", json_word('action_source')),
        'event_properties',
        json_pair("'opt_out'", "case when opts_out then 'true' end"),
        'data_processing',
    ) }} as happening,
    {{ json_object(
        json_pair("'value'", number_text('order_value', 'places')),
        json_pair("'currency'", json_word('currency')),
        json_pair("'order_id'", json_text('order_id')),
        json_pair("'item_number'", json_text('item_number')),
        json_pair(
            "'content_type'", "case when contents is not null then '\"product\"' end"
        ),
        json_pair("'contents'", 'contents'),
        json_pair("'content_ids'", 'content_ids'),
        json_pair("'num_items'", 'num_items'),
        json_pair("'delivery_category'", json_word('delivery_category')),
        'custom_properties',
    ) }} as custom_data
from baskets

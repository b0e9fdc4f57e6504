-- One row per basket: the event it would be, with its keys, and its payload unless it
-- went as it is.
{{ config(materialized='table') }}

with
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    user_data as (select * from {{ ref('int_user_data') }}),
    ledger as (select * from {{ source('tillpost', 'ledger_snapshot') }}),

    with_customer as (
        select
            baskets.*,
            coalesce(user_data.user_data, '{}') as user_data,
            case
                when baskets.reasons = '' and coalesce(user_data.is_too_broad, true)
                then 'too_broad'
            end as too_broad,
            case
                when baskets.order_id is not null
                then
                    {{ digest16(
                        "'order'", 'dataset_id', 'event_time', 'event_name',
                        'item_number', 'order_id',
                    ) }}
                when user_data.user_data is not null
                then
                    {{ digest16(
                        "'user'", 'dataset_id', 'event_time', 'event_name',
                        'item_number', 'user_data.user_data',
                    ) }}
            end as event_key
        from baskets
        left join user_data on baskets.basket = user_data.basket
    ),

    judged as (
        select *, {{ word_list("nullif(reasons, '')", 'too_broad') }} as all_reasons
        from with_customer
    ),

    with_payload as (
        select
            *,
            case
                when all_reasons = ''
                then
                    {{ json_object(
                        json_pair("'event_name'", json_text('event_name')),
                        json_pair("'event_time'", 'cast(event_time as varchar)'),
                        json_pair("'event_id'", json_text('event_id')),
                        json_pair("'action_source'", json_word('action_source')),
                        json_pair("'event_source_url'", json_text('event_source_url')),
                        json_pair("'user_data'", 'user_data'),
                        json_pair(
                            "'custom_data'",
                            json_object(
                                json_pair("'value'", number_text('order_value', 'places')),
                                json_pair("'currency'", json_word('currency')),
                                json_pair("'order_id'", json_text('order_id')),
                                json_pair("'item_number'", json_text('item_number')),
                                json_pair(
                                    "'content_type'",
                                    "case when contents is not null then '\"product\"' end",
                                ),
                                json_pair("'contents'", 'contents'),
                            ),
                        ),
                    ) }}
            end as payload
        from judged
    ),

    with_digest as (
        select
            *,
            case
                when payload is not null then {{ digest16("'payload'", 'payload') }}
            end as payload_digest
        from with_payload
    )

select
    with_digest.basket,
    with_digest.first_row_ref,
    with_digest.source_name,
    with_digest.dataset_id,
    with_digest.order_id,
    with_digest.event_time,
    with_digest.sendable_until,
    with_digest.event_key,
    coalesce(with_digest.sale_key, with_digest.event_key) as sale_key,
    with_digest.all_reasons as reasons,
    with_digest.payload_digest,
    ledger.state,
    ledger.first_left_at,
    coalesce(ledger.payload_digest = with_digest.payload_digest, false) as is_as_sent,
    -- what was accepted as it is will not be needed again
    case
        when
            not coalesce(
                ledger.state = 'accepted'
                and ledger.payload_digest = with_digest.payload_digest,
                false
            )
        then with_digest.payload
    end as payload
from with_digest
left join ledger on with_digest.event_key = ledger.event_key

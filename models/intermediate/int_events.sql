-- One row per basket: the event it would be, with its keys, and its payload unless it
-- went as it is.
{{ config(materialized='table') }}
-- depends_on: {{ ref('int_ledger_keys') }}, what the ledger is asked for before this
with
    known as (select * from {{ ref('int_user_data') }}),
    others as (select * from {{ ref('int_event_parts') }} where not needs_customer),
    ledger as (select * from {{ source('tillpost', 'ledger_snapshot') }}),

    baskets as (
        select
            basket,
            dataset_id,
            event_time,
            sendable_until,
            sale_key,
            event_key,
            order_event_key is null as is_known_by_customer,
            case
                when reasons <> ''
                then reasons
                when is_too_broad
                then 'too_broad'
                when has_no_address
                then 'no_client_ip_address'
                else ''
            end as reasons,
            happening,
            user_data,
            custom_data
        from known
        union all
        select
            basket,
            dataset_id,
            event_time,
            sendable_until,
            sale_key,
            order_event_key as event_key,
            false as is_known_by_customer,
            reasons,
            happening,
            cast(null as varchar) as user_data,
            custom_data
        from others
    ),

    with_payload as (
        select
            *,
            -- Meta takes two events of one customer and moment for one, whatever they
            -- sold
            case when is_known_by_customer then event_key else sale_key end as rivals,
            case
                when reasons = ''
                then
                    {{ json_object(
                        'happening',
                        json_pair("'user_data'", 'user_data'),
                        json_pair("'custom_data'", 'custom_data'),
                    ) }}
            end as payload
        from baskets
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
    with_digest.dataset_id,
    with_digest.rivals,
    with_digest.event_time,
    with_digest.sendable_until,
    with_digest.event_key,
    coalesce(with_digest.sale_key, with_digest.event_key) as sale_key,
    with_digest.reasons,
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

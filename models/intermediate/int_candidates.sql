-- One row per basket: what the ledger knows of it, and its place among the rivals of its sale.
with
    events as (select * from {{ ref('int_events') }}),
    ledger as (select * from {{ source('tillpost', 'ledger_snapshot') }}),

    with_digest as (
        select
            basket,
            order_id,
            event_time,
            event_key,
            sale_key,
            reasons,
            first_row_ref,
            case
                when payload is not null then {{ digest16("'payload'", 'payload') }}
            end as payload_digest
        from events
    ),

    with_ledger as (
        select
            with_digest.*,
            ledger.state,
            ledger.payload_digest as sent_digest,
            ledger.first_left_at,
            coalesce(ledger.payload_digest = with_digest.payload_digest, false)
            as is_as_sent
        from with_digest
        left join ledger on with_digest.event_key = ledger.event_key
    ),

    -- an event can only be the duplicate of one that itself passes
    passing as (
        select
            basket,
            event_key,
            row_number() over (
                partition by case when order_id is null then event_key else sale_key end
                order by
                    case when state in ('accepted', 'leaving') then 0 else 1 end,
                    event_time,
                    first_row_ref
            ) as place_among_rivals,
            first_value(event_key) over (
                partition by case when order_id is null then event_key else sale_key end
                order by
                    case when state in ('accepted', 'leaving') then 0 else 1 end,
                    event_time,
                    first_row_ref
            ) as first_event_key
        from with_ledger
        where reasons = '' and not (coalesce(state, '') = 'refused' and is_as_sent)
    ),

    sent_sales as (
        select sale_key, min(event_key) as event_key, max(event_key) as last_event_key
        from ledger
        where state in ('accepted', 'leaving')
        group by sale_key
    )

select
    with_ledger.basket,
    with_ledger.event_key,
    with_ledger.sale_key,
    with_ledger.payload_digest,
    with_ledger.reasons,
    with_ledger.state,
    with_ledger.is_as_sent,
    with_ledger.first_left_at,
    coalesce(passing.place_among_rivals, 1) as place_among_rivals,
    case
        when passing.place_among_rivals > 1 then passing.first_event_key
    end as duplicate_of,
    -- the sale went under another event key
    coalesce(
        sent_sales.event_key <> with_ledger.event_key
        or sent_sales.last_event_key <> with_ledger.event_key,
        false
    ) as is_sent_otherwise
from with_ledger
left join passing on with_ledger.basket = passing.basket
left join sent_sales on with_ledger.sale_key = sent_sales.sale_key

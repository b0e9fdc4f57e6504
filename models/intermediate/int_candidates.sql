-- One row per basket: its place among the rivals of its sale, and whether the sale
-- went otherwise.
with
    events as (select * from {{ ref('int_events') }}),
    ranked as (select * from {{ ref('int_ranked_rivals') }}),
    forbidden_sales as (select * from {{ ref('int_forbidden_sales') }}),
    ledger as (select * from {{ source('tillpost', 'ledger_snapshot') }}),

    first_rivals as (select rivals, event_key from ranked where place = 1),

    sent_sales as (
        select
            sale_key,
            {{ smallest_digest('event_key') }} as event_key,
            {{ largest_digest('event_key') }} as last_event_key
        from ledger
        where
            state in ('accepted', 'leaving', 'held')
            and sale_key in (select sale_key from events)
        group by sale_key
    )

select
    events.basket,
    events.event_key,
    events.sale_key,
    events.payload_digest,
    events.dataset_id,
    events.event_time,
    events.sendable_until,
    case
        when events.reasons = ''
        then coalesce(forbidden_sales.reason, '')
        else events.reasons
    end as reasons,
    events.state,
    events.is_as_sent and forbidden_sales.rivals is null as is_as_sent,
    events.first_left_at,
    coalesce(ranked.place, 1) as place_among_rivals,
    case when ranked.place > 1 then first_rivals.event_key end as duplicate_of,
    coalesce(
        sent_sales.event_key <> events.event_key
        or sent_sales.last_event_key <> events.event_key,
        false
    ) as is_sent_otherwise
from events
left join forbidden_sales on events.rivals = forbidden_sales.rivals
left join ranked on events.basket = ranked.basket
left join first_rivals on ranked.rivals = first_rivals.rivals
left join sent_sales on events.sale_key = sent_sales.sale_key

-- One row per basket: its place among the rivals of its sale, and whether the sale
-- went otherwise.
with
    events as (select * from {{ ref('int_events') }}),
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    ledger as (select * from {{ source('tillpost', 'ledger_snapshot') }}),

    -- without an order id only the event's key tells that two rows are one sale
    forbidden_sales as (
        select
            rivals,
            max(
                case
                    when reasons like '%no_consent%'
                    then 'no_consent'
                    else 'bad_data_processing'
                end
            ) as reason
        from events
        where reasons like '%no_consent%' or reasons like '%bad_data_processing%'
        group by rivals
    ),

    -- an event can only be the duplicate of one that itself passes
    passing as (
        select
            events.basket,
            events.event_key,
            events.event_time,
            events.payload_digest,
            events.state,
            events.is_as_sent,
            events.rivals
        from events
        left join forbidden_sales on events.rivals = forbidden_sales.rivals
        where
            events.reasons = ''
            and forbidden_sales.rivals is null
            and not (coalesce(events.state, '') = 'refused' and events.is_as_sent)
    ),

    -- few sales have rivals, so only those are ranked
    contested as (select rivals from passing group by rivals having count(*) > 1),

    ranked as (
        select
            passing.basket,
            passing.rivals,
            passing.event_key,
            row_number() over (
                partition by passing.rivals
                order by
                    case
                        when
                            passing.state is null
                            or passing.state in ('refused', 'expired')
                        then 2
                        when passing.is_as_sent
                        then 0
                        else 1
                    end,
                    passing.event_time,
                    case
                        when baskets.opts_out or baskets.data_processing is not null
                        then 0
                        else 1
                    end,
                    passing.payload_digest,
                    baskets.first_row_ref
            ) as place
        from passing
        inner join contested on passing.rivals = contested.rivals
        inner join baskets on passing.basket = baskets.basket
    ),

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

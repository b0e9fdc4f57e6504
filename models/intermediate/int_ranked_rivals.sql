-- One row per basket that competes with others to stand for its sale: its place.
with
    events as (select * from {{ ref('int_events') }}),
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    forbidden_sales as (select * from {{ ref('int_forbidden_sales') }}),

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
    contested as (select rivals from passing group by rivals having count(*) > 1)

select
    passing.basket,
    passing.rivals,
    passing.event_key,
    row_number() over (
        partition by passing.rivals
        order by
            case
                when passing.state is null or passing.state in ('refused', 'expired')
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

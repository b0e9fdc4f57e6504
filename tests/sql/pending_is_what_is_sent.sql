-- The final view holds the pending baskets, all of them and nothing else.
with
    pending as (
        select event_key from {{ ref('int_basket_verdicts') }} where bucket = 'pending'
    ),
    events as (select * from {{ ref('events') }})

select pending.event_key as pending_key, events.event_key as sent_key
from pending
full outer join events on pending.event_key = events.event_key
where pending.event_key is null or events.event_key is null

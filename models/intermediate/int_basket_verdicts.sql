-- One row per basket: the one bucket it ends in.
{{ config(materialized='table') }}

with candidates as (select * from {{ ref('int_candidates') }})

select
    basket,
    event_key,
    sale_key,
    payload_digest,
    dataset_id,
    event_time,
    sendable_until,
    duplicate_of,
    reasons,
    case
        when reasons = 'forgotten'
        then 'rejected'
        when state in ('accepted', 'leaving', 'held') and place_among_rivals > 1
        then 'duplicate'
        -- what went stays so when it grows old; any other reason against it is news
        when state = 'accepted' and (is_as_sent or reasons = 'too_old')
        then 'accepted'
        when state = 'accepted'
        then 'changed'
        when state = 'refused' and (is_as_sent or reasons <> '')
        then 'refused'
        when state = 'expired'
        then 'expired'
        -- no answer came: it goes again only while Meta would still notice
        when
            state = 'leaving'
            and is_as_sent
            and first_left_at > {{ as_of() }} - {{ resend_window() }}
            -- a clock that was ahead must not keep it alive for years
            and first_left_at <= {{ as_of() }} + 60
        then 'pending'
        when state in ('leaving', 'held')
        then 'uncertain'
        when reasons <> ''
        then 'rejected'
        when place_among_rivals > 1
        then 'duplicate'
        when is_sent_otherwise
        then 'changed'
        else 'pending'
    end as bucket
from candidates

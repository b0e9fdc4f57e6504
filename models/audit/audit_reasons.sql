-- One row per source and reason: how many sales it keeps from being sent; a sale may
-- have several.
with
    rejected as (select * from {{ ref('rejected_events') }}),
    reasons as (select * from {{ ref('reasons') }})

select
    rejected.source_name,
    reasons.reason,
    reasons.meaning,
    count(*) as sales,
    min(rejected.row_ref) as example_row_ref
from rejected
inner join reasons on ',' || rejected.reasons || ',' like '%,' || reasons.reason || ',%'
group by rejected.source_name, reasons.reason, reasons.meaning

-- One row per event that is to be sent: the contract with the loader (__final.yml).
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
with
    verdicts as (select * from {{ ref('int_basket_verdicts') }}),
    payloads as (select basket, payload from {{ ref('int_events') }})

select
    verdicts.event_key,
    verdicts.sale_key,
    verdicts.payload_digest,
    verdicts.dataset_id,
    verdicts.event_time,
    verdicts.sendable_until,
    payloads.payload
-- all that a send filters by is a verdict's: so verdicts, not payloads, fill the memory
from payloads
inner join verdicts on payloads.basket = verdicts.basket
where verdicts.bucket = 'pending'

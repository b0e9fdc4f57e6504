-- One row per event that is to be sent: the contract with the loader (__final.yml).
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
with
    verdicts as (select * from {{ ref('int_basket_verdicts') }}),
    events as (select * from {{ ref('int_events') }})

select
    verdicts.event_key,
    verdicts.sale_key,
    verdicts.payload_digest,
    events.dataset_id,
    events.event_time,
    events.sendable_until,
    events.payload
from verdicts
inner join events on verdicts.basket = events.basket
where verdicts.bucket = 'pending'

-- One row per key that the ledger is asked for: those of the events that might go, and
-- of their sales.
{{ config(materialized='table') }}

with
    parts as (select * from {{ ref('int_event_parts') }}),
    known_by_customer as (
        select event_key from {{ ref('int_user_data') }} where order_event_key is null
    )

select sale_key as ledger_key
from parts
where sale_key is not null
union all
select order_event_key as ledger_key
from parts
where order_event_key is not null
union all
select event_key as ledger_key
from known_by_customer

-- One row per basket whose sale another basket stands for, and the event that does.
{{ config(materialized='table') }}

with
    verdicts as (select * from {{ ref('int_basket_verdicts') }}),
    baskets as (select * from {{ ref('int_judged_baskets') }})

select
    baskets.first_row_ref as row_ref,
    baskets.source_name,
    baskets.order_id,
    verdicts.event_key,
    verdicts.sale_key,
    verdicts.duplicate_of,
    baskets.dataset_id,
    baskets.event_name,
    baskets.event_time,
    baskets.currency,
    baskets.order_value,
    baskets.lines
from verdicts
inner join baskets on verdicts.basket = baskets.basket
where verdicts.bucket = 'duplicate'

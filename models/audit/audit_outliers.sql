-- One row per sale that could be sent and is worth far more than others of its dataset,
-- event name and currency: above the upper quartile by twenty times the distance
-- between the quartiles, or half the median where that is more.
with
    verdicts as (select * from {{ ref('int_basket_verdicts') }}),
    baskets as (select * from {{ ref('int_judged_baskets') }}),

    fences as (
        select
            dataset_id,
            event_name,
            currency,
            p50 as median,
            p75 + 20 * greatest(p75 - p25, p50 * 0.5) as fence
        from {{ ref('audit_values') }}
        where sales >= 20
    )

select
    baskets.first_row_ref as row_ref,
    baskets.source_name,
    baskets.dataset_id,
    baskets.event_name,
    baskets.event_time,
    fences.currency,
    baskets.order_value,
    fences.median
from verdicts
inner join baskets on verdicts.basket = baskets.basket
inner join
    fences
    on baskets.dataset_id = fences.dataset_id
    and baskets.event_name = fences.event_name
    and baskets.currency = fences.currency
where verdicts.bucket = 'pending' and baskets.order_value > fences.fence

-- One row per minute in which one customer has several orders in one source: mostly a
-- basket in pieces. A whole hour is mostly a day without a time, and is left out.
with
    verdicts as (select * from {{ ref('int_basket_verdicts') }}),
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    identities as (select * from {{ ref('int_identities') }}),

    sold as (
        select
            baskets.source_name,
            baskets.dataset_id,
            coalesce(identities.em, identities.ph, identities.external_id) as customer,
            baskets.event_time - baskets.event_time % 60 as minute,
            baskets.order_id,
            baskets.first_row_ref
        from verdicts
        inner join baskets on verdicts.basket = baskets.basket
        inner join identities on verdicts.basket = identities.basket
        where
            verdicts.bucket
            in ('pending', 'accepted', 'uncertain', 'changed', 'refused')
            and baskets.order_id is not null
            and baskets.event_time % 3600 <> 0
    )

select
    source_name,
    dataset_id,
    minute,
    count(distinct order_id) as orders,
    min(first_row_ref) as first_row_ref,
    max(first_row_ref) as last_row_ref
from sold
where customer is not null
group by source_name, dataset_id, customer, minute
having count(distinct order_id) > 1

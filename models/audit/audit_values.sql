-- One row per dataset, event name and currency: how the values of the sales that could
-- be sent, or were, are spread.
with
    verdicts as (select * from {{ ref('int_basket_verdicts') }}),
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    currencies as (select * from {{ ref('currencies') }}),

    ranked as (
        select
            baskets.dataset_id,
            baskets.event_name,
            currencies.currency,
            baskets.order_value,
            count(*) over (
                partition by baskets.dataset_id, baskets.event_name, currencies.currency
            ) as sales,
            row_number() over (
                partition by baskets.dataset_id, baskets.event_name, currencies.currency
                order by baskets.order_value, baskets.basket
            ) as place
        from verdicts
        inner join baskets on verdicts.basket = baskets.basket
        inner join currencies on baskets.currency = currencies.currency
        where
            verdicts.bucket
            in ('pending', 'accepted', 'uncertain', 'changed', 'refused')
            and baskets.order_value is not null
    )

select
    dataset_id,
    event_name,
    currency,
    count(*) as sales,
    sum(order_value) as value,
    count(case when order_value = 0 then 1 end) as zero_sales,
    min(order_value) as smallest,
    {%- for percent in [5, 25, 50, 75, 95, 99] %}
        min(
            case when place * 100 >= {{ percent }} * sales then order_value end
        ) as p{{ percent }},
    {%- endfor %}
    max(order_value) as largest
from ranked
group by dataset_id, event_name, currency

-- One row per basket: its kept lines folded into the sale that Meta may hear of.
{{ config(materialized='table') }}

with
    lines as (select * from {{ ref('int_ranked_lines') }}),
    contents as (select * from {{ ref('int_contents') }}),

    kept as (
        select
            lines.*,
            contents.content,
            lines.place_in_basket = 1 as is_first
        from lines
        left join
            contents
            on lines.basket = contents.basket
            and lines.place_in_basket = contents.place_in_basket
        where not lines.is_repeated
    )

select
    basket,
    min(case when is_first then row_ref end) as first_row_ref,
    min(case when place_by_customer = 1 then row_ref end) as customer_row_ref,
    min(source_name) as source_name,
    min(case when is_first then row_key end) as row_key,
    min(dataset_id) as dataset_id,
    min(event_name) as event_name,
    min(case when is_first then action_source end) as action_source,
    min(order_id) as order_id,
    min(item_number) as item_number,
    min(case when is_first then event_id end) as event_id,
    min(event_time) as event_time,
    max(event_time) as last_time,
    min(case when is_first then event_source_url end) as event_source_url,
    max(case when place_by_customer = 1 and has_user_agent then 1 else 0 end)
    = 1 as has_user_agent,
    min(currency) as currency,
    max(currency) as last_currency,
    coalesce(
        min(case when is_first then order_total end), sum(line_total)
    ) as order_value,
    max(places) as places,
    max(case when has_bad_number then 1 else 0 end) = 1 as has_bad_number,
    {{ json_array_of('content', 'place_in_basket') }} as contents,
    count(*) as lines
from kept
group by basket

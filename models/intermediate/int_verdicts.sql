-- One row per source row in scope: the one bucket it ends in, and why.
{{ config(materialized='table') }}

with
    lines as (select * from {{ ref('int_ranked_lines') }}),
    baskets as (select * from {{ ref('int_basket_verdicts') }})

select
    lines.row_ref,
    lines.source_name,
    lines.basket,
    case
        when lines.is_repeated
        then 'repeated'
        when lines.place_in_basket > 1
        then 'folded'
        else baskets.bucket
    end as bucket,
    case when lines.is_repeated then '' else baskets.reasons end as reasons,
    baskets.event_key,
    baskets.sale_key,
    baskets.payload_digest,
    baskets.duplicate_of
from lines
left join baskets on lines.basket = baskets.basket

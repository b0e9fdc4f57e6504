-- One row per source row in scope: the one bucket it ends in, and why.
{{ config(materialized='table') }}

with
    lines as (select * from {{ ref('int_scoped_lines') }}),
    repeated_lines as (select * from {{ ref('int_repeated_lines') }}),
    further_lines as (select row_id from {{ ref('int_places') }} where place > 1),
    baskets as (select * from {{ ref('int_basket_verdicts') }})

select
    lines.row_ref,
    lines.source_name,
    lines.basket,
    case
        when repeated_lines.row_id is not null
        then 'repeated'
        when further_lines.row_id is not null
        then 'folded'
        else baskets.bucket
    end as bucket,
    case when repeated_lines.row_id is null then baskets.reasons else '' end as reasons,
    baskets.event_key,
    baskets.sale_key,
    baskets.payload_digest,
    baskets.duplicate_of
from lines
left join repeated_lines on lines.row_id = repeated_lines.row_id
left join further_lines on lines.row_id = further_lines.row_id
left join baskets on lines.basket = baskets.basket

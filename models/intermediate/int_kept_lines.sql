-- One row per line that counts, with its place in its basket.
{{ config(materialized='table') }}

with
    lines as (select * from {{ ref('int_scoped_lines') }}),
    repeated_lines as (select * from {{ ref('int_repeated_lines') }}),

    kept as (
        select lines.*
        from lines
        left join repeated_lines on lines.row_id = repeated_lines.row_id
        where repeated_lines.row_id is null
    ),

    several as (select basket from kept group by basket having count(*) > 1),

    placed as (
        select
            kept.row_id,
            row_number() over (
                partition by kept.basket
                order by kept.line_key, kept.source_file, kept.source_row
            ) as place,
            -- all that is known of the customer comes from the line that knows most
            row_number() over (
                partition by kept.basket
                order by
                    kept.filled_columns desc,
                    kept.line_key,
                    kept.source_file,
                    kept.source_row
            ) as place_by_customer
        from kept
        inner join several on kept.basket = several.basket
    )

select
    kept.row_id,
    kept.row_ref,
    kept.source_name,
    kept.row_key,
    kept.basket,
    kept.dataset_id,
    kept.event_name,
    kept.action_source,
    kept.order_id,
    kept.item_number,
    kept.event_id,
    kept.event_time,
    kept.event_source_url,
    kept.has_user_agent,
    kept.currency,
    kept.order_total,
    kept.line_total,
    kept.quantity,
    kept.unit_price,
    kept.places,
    kept.has_bad_number,
    kept.item_id,
    kept.item_brand,
    kept.item_category,
    coalesce(placed.place, 1) as place,
    coalesce(placed.place_by_customer, 1) as place_by_customer
from kept
left join placed on kept.row_id = placed.row_id

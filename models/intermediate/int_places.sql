-- One row per kept line of a basket with several: its place there.
{{ config(materialized='table') }}

with
    lines as (
        select row_id, basket, line_key, source_file, source_row, filled_columns
        from {{ ref('int_scoped_lines') }}
    ),

    repeated_lines as (select * from {{ ref('int_repeated_lines') }}),

    kept as (
        select lines.*
        from lines
        left join repeated_lines on lines.row_id = repeated_lines.row_id
        where repeated_lines.row_id is null
    ),

    several as (select basket from kept group by basket having count(*) > 1)

select
    kept.row_id,
    row_number() over (
        partition by kept.basket
        order by kept.line_key, kept.source_file, kept.source_row, kept.row_id
    ) as place,
    -- all that is known of the customer comes from the line that knows most
    row_number() over (
        partition by kept.basket
        order by
            kept.filled_columns desc,
            kept.line_key,
            kept.source_file,
            kept.source_row,
            kept.row_id
    ) as place_by_customer
from kept
inner join several on kept.basket = several.basket

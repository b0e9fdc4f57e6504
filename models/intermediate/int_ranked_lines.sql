-- One row per source row in scope: whether a newer version of it was exported, and its place in its basket.
with
    lines as (select * from {{ ref('int_lines') }}),

    recent_baskets as (select distinct basket from lines where is_recent),

    -- an order is in scope whole if one of its lines is
    in_scope as (
        select lines.*
        from lines
        inner join recent_baskets on lines.basket = recent_baskets.basket
    ),

    newest_first as (
        select
            *,
            row_number() over (
                partition by line
                order by
                    version desc nulls last,
                    source_file desc nulls last,
                    source_row desc
            ) as age_of_line,
            max(export_id) over (partition by basket) as newest_export
        from in_scope
    ),

    judged as (
        select
            *,
            -- without a line key only a whole export can replace another
            age_of_line > 1
            or (
                not has_line_key
                and order_id is not null
                and export_id < newest_export
            ) as is_repeated
        from newest_first
    )

select
    row_ref,
    source_name,
    row_key,
    basket,
    dataset_id,
    event_name,
    action_source,
    order_id,
    item_number,
    event_id,
    event_time,
    event_source_url,
    has_user_agent,
    currency,
    order_total,
    line_total,
    quantity,
    unit_price,
    places,
    has_bad_number,
    item_id,
    item_brand,
    item_category,
    is_repeated,
    row_number() over (
        partition by basket
        order by is_repeated, source_file, source_row
    ) as place_in_basket,
    -- all that is known of the customer comes from one line, the one that knows most
    row_number() over (
        partition by basket
        order by is_repeated, filled_columns desc, source_file, source_row
    ) as place_by_customer
from judged

-- One row per kept line that sold an article: the article as Meta's contents hold it.
with
    lines as (select * from {{ ref('int_kept_lines') }}),

    sold as (
        select
            row_id,
            item_id,
            item_brand,
            item_category,
            places,
            -- 0.432 kg is one piece at its line's total
            case
                when quantity = round(quantity, 0)
                then cast(cast(quantity as bigint) as varchar)
                else '1'
            end as whole_quantity,
            case
                when quantity <> round(quantity, 0)
                then line_total
                when unit_price is not null
                then unit_price
                else {{ unit_price('line_total', 'coalesce(quantity, 1)', 'places') }}
            end as item_price
        from lines
        where
            item_id is not null
            and coalesce(quantity, 1) > 0
            and coalesce(line_total, 0) >= 0
    )

select
    row_id,
    {{ json_object(
        json_pair("'id'", json_text('item_id')),
        json_pair("'quantity'", 'whole_quantity'),
        json_pair("'item_price'", number_text('item_price', 'places')),
        json_pair("'brand'", json_text('item_brand')),
        json_pair("'category'", json_text('item_category')),
    ) }} as content
from sold

-- One row per line that counts, with its place in its basket and the article it adds
-- to the contents.
{{ config(materialized='table') }}

with
    lines as (select * from {{ ref('int_scoped_lines') }}),
    repeated_lines as (select * from {{ ref('int_repeated_lines') }}),
    places as (select * from {{ ref('int_places') }}),

    kept as (
        select
            lines.*,
            places.row_id is not null as is_one_of_several,
            coalesce(places.place, 1) as place,
            coalesce(places.place_by_customer, 1) as place_by_customer,
            -- returns and discounts lower the value and are no article
            lines.item_id is not null
            and coalesce(lines.quantity, 1) > 0
            and coalesce(lines.line_total, 0) >= 0 as is_article,
            coalesce(lines.quantity, 1)
            = round(coalesce(lines.quantity, 1), 0) as is_whole
        from lines
        left join repeated_lines on lines.row_id = repeated_lines.row_id
        left join places on lines.row_id = places.row_id
        where repeated_lines.row_id is null
    ),

    priced as (
        select
            *,
            case
                -- 0.432 kg is one piece at its line's total
                when not is_whole then 1 else cast(coalesce(quantity, 1) as bigint)
            end as whole_quantity,
            case
                when not is_whole
                then line_total
                when unit_price is not null
                then unit_price
                else
                    {{ unit_price('line_total', 'coalesce(quantity, 1)', 'greatest(places, 2)') }}
            end as item_price
        from kept
    ),

    told as (
        select
            *,
            -- half of an even amount may have cents that the amount has not
            case
                when places = 0 and item_price <> round(item_price, 0)
                then 2
                when places = 1 and item_price <> round(item_price, 1)
                then 2
                else places
            end as price_places
        from priced
    )

select
    row_id,
    row_ref,
    source_name,
    row_key,
    basket,
    dataset_id,
    event_name,
    action_source,
    order_id,
    item_number,
    event_time,
    has_bad_json,
    has_consent,
    opts_out,
    data_processing,
    has_bad_data_processing,
    has_page,
    has_app_data,
    has_user_agent,
    has_messaging_keys,
    event_properties,
    custom_properties,
    currency,
    order_total,
    line_total,
    places,
    has_bad_number,
    item_id is not null
    and coalesce(quantity, 1) <> 0
    and line_total is null
    and order_total is null as has_no_amount,
    is_one_of_several,
    place,
    place_by_customer,
    problems,
    num_items,
    content_ids,
    delivery_category,
    store_data,
    case
        when is_article and {{ var('send_content_ids', false) }}
        then {{ json_text('item_id') }}
    end as content_id,
    case
        when is_article and {{ var('send_content_ids', false) }} then whole_quantity
    end as pieces,
    case
        when is_article
        then
            {{ json_object(
                json_pair("'id'", json_text('item_id')),
                json_pair("'quantity'", 'cast(whole_quantity as varchar)'),
                json_pair("'item_price'", number_text('item_price', 'price_places')),
                json_pair("'title'", json_text('item_title')),
                json_pair("'description'", json_text('item_description')),
                json_pair("'brand'", json_text('item_brand')),
                json_pair("'category'", json_text('item_category')),
                json_pair("'delivery_category'", json_word('delivery_category')),
            ) }}
    end as content
from told

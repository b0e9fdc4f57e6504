-- One row per source row that was read: what was sold, in numbers, nothing personal.
{{ config(materialized='table') }}

with
    sales as (select * from {{ ref('int_described_sales') }}),

    numbers as (
        select
            *,
            {{ as_of() }} - {{ days('lookback') }} as scope_start,
            {{ read_number('order_total') }} as order_total_number,
            {{ read_number('line_total') }} as line_total_number,
            {{ read_number('quantity') }} as quantity_number,
            {{ read_number('unit_price') }} as unit_price_number,
            {{ decimal_places('order_total') }} as order_total_places,
            {{ decimal_places('line_total') }} as line_total_places,
            {{ decimal_places('unit_price') }} as unit_price_places
        from sales
    ),

    placed as (
        select
            *,
            greatest(
                coalesce(order_total_places, 0),
                coalesce(line_total_places, 0),
                coalesce(unit_price_places, 0),
                -- what a part of a kilo costs has cents, whatever the kilo does
                case
                    when
                        line_total is null
                        and unit_price is not null
                        and quantity_number <> round(quantity_number, 0)
                    then 2
                    else 0
                end
            ) as places,
            -- where each line is an event, an order's total would count once a line
            {{ 'case when coalesce(line_total, unit_price, line_key, item_id) is null then order_total_number end' if var('event_per_line', false) else 'order_total_number' }}
            as counted_total
        from numbers
    )

select
    row_id,
    row_ref,
    source_name,
    source_file,
    source_row,
    row_key,
    line_key,
    {{ digest16("'line'", 'source_name', 'coalesce(line_key, row_ref)') }} as line,
    -- what an export without line keys replaces as a whole, whatever its lines are to
    -- Meta
    case
        when line_key is null and order_id is not null
        then
            {{ digest16(
                'source_name', 'dataset_id', 'event_name',
                'coalesce(basket_key, order_id)',
            ) }}
    end as exported_order,
    {{ digest16(
        "'basket'", 'source_name', 'dataset_id', 'event_name', 'item_number',
        'coalesce(basket_key, order_id, row_ref)',
    ) }} as basket,
    export_id,
    version,
    dataset_id,
    event_name,
    action_source,
    order_id,
    item_number,
    event_time,
    event_time is null or event_time >= scope_start as is_recent,
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
    counted_total as order_total,
    coalesce(
        line_total_number,
        {{ rounded(
            'cast(unit_price_number as decimal(19, 6)) * coalesce(quantity_number, 1)',
            'places'
        ) }}
    ) as line_total,
    quantity_number as quantity,
    unit_price_number as unit_price,
    places,
    (order_total is not null and order_total_number is null)
    or (line_total is not null and line_total_number is null)
    or (quantity is not null and quantity_number is null)
    or (unit_price is not null and unit_price_number is null) as has_bad_number,
    num_items,
    content_ids,
    item_id,
    item_title,
    item_description,
    item_brand,
    item_category,
    delivery_category,
    store_data,
    filled_columns,
    problems
from placed
where event_time is null or event_time >= scope_start - {{ var('order_span') }} * 3600

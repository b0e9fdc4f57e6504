-- One row per source row that was read: what was sold, in numbers, nothing personal.
{{ config(materialized='table') }}

with
    sales as (select * from {{ ref('int_numbered_sales') }}),

    cleaned as (
        select
            row_id,
            row_ref,
            source_name,
            source_file,
            source_row,
            row_key,
            line_key,
            basket_key,
            export_id,
            version,
            dataset_id,
            event_time,
            {{ as_of() }} - {{ days('lookback') }} as scope_start,
            {{ clean_text('event_name') }} as event_name,
            lower({{ clean_text('action_source') }}) as action_source,
            {{ clean_text('order_id') }} as order_id,
            {{ clean_text('item_number') }} as item_number,
            {{ clean_text('event_id') }} as event_id,
            {{ clean_text('event_source_url') }} as event_source_url,
            upper({{ clean_text('currency') }}) as currency,
            {{ plain_number(clean_text('order_total')) }} as order_total,
            {{ plain_number(clean_text('line_total')) }} as line_total,
            {{ plain_number(clean_text('quantity')) }} as quantity,
            {{ plain_number(clean_text('unit_price')) }} as unit_price,
            {{ clean_text('item_id') }} as item_id,
            {{ clean_text('item_brand') }} as item_brand,
            {{ clean_text('item_category') }} as item_category,
            client_user_agent is not null as has_user_agent,
            case when email is not null then 1 else 0 end
            + case when phone is not null then 1 else 0 end
            + case when fn is not null then 1 else 0 end
            + case when ln is not null then 1 else 0 end
            + case when gen is not null then 1 else 0 end
            + case when db is not null then 1 else 0 end
            + case when ct is not null then 1 else 0 end
            + case when st is not null then 1 else 0 end
            + case when zip is not null then 1 else 0 end
            + case when country is not null then 1 else 0 end
            + case when external_id is not null then 1 else 0 end
            + case when madid is not null then 1 else 0 end
            + case when lead_id is not null then 1 else 0 end as filled_columns
        from sales
    ),

    numbers as (
        select
            *,
            {{ read_number('order_total') }} as order_total_number,
            {{ read_number('line_total') }} as line_total_number,
            {{ read_number('quantity') }} as quantity_number,
            {{ read_number('unit_price') }} as unit_price_number,
            {{ decimal_places('order_total') }} as order_total_places,
            {{ decimal_places('line_total') }} as line_total_places,
            {{ decimal_places('unit_price') }} as unit_price_places
        from cleaned
    ),

    placed as (
        select
            *,
            greatest(
                coalesce(order_total_places, 0),
                coalesce(line_total_places, 0),
                coalesce(unit_price_places, 0)
            ) as places
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
    event_id,
    event_time,
    event_time is null or event_time >= scope_start as is_recent,
    event_source_url,
    has_user_agent,
    currency,
    order_total_number as order_total,
    coalesce(
        line_total_number,
        {{ rounded(
            'cast(unit_price_number as decimal(38, 6)) * coalesce(quantity_number, 1)',
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
    item_id,
    item_brand,
    item_category,
    filled_columns
from placed
where event_time is null or event_time >= scope_start - {{ var('order_span') }} * 3600

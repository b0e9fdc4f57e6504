-- One row per source row, with its row ref: the declared key, else file and row number.
with
    sales as (select * from {{ ref('int_sales') }}),
    source_files as (select * from {{ source('tillpost', 'source_files') }}),

    named as (
        select
            sales.source_name
            || ' '
            || coalesce(
                sales.row_key,
                coalesce(sales.source_file || ' row ', 'row ') || cast(
                    sales.source_row - coalesce(source_files.rows_before, 0) as varchar
                )
            ) as row_ref,
            sales.*
        from sales
        left join
            source_files
            on sales.source_name = source_files.source_name
            and sales.source_file = source_files.source_file
    )

select
    {{ digest16('row_ref') }} as row_id,
    row_ref,
    source_name,
    source_file,
    source_row,
    row_key,
    line_key,
    basket_key,
    export_id,
    version,
    lookback,
    dataset_id,
    event_name,
    action_source,
    order_id,
    item_number,
    event_id,
    event_time,
    event_source_url,
    currency,
    order_total,
    line_total,
    quantity,
    unit_price,
    item_id,
    item_brand,
    item_category,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    {{ clean_text('fn') }} as fn,
    {{ clean_text('ln') }} as ln,
    {{ clean_text('gen') }} as gen,
    {{ clean_text('db') }} as db,
    {{ clean_text('ct') }} as ct,
    {{ clean_text('st') }} as st,
    {{ clean_text('zip') }} as zip,
    {{ clean_text('country') }} as country,
    {{ clean_text('external_id') }} as external_id,
    {{ clean_text('madid') }} as madid,
    {{ clean_text('lead_id') }} as lead_id,
    {{ clean_text('client_user_agent') }} as client_user_agent
from named

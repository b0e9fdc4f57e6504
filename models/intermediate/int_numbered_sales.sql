-- One row per source row, with its row ref: the declared key, else file and row number.
with
    sales as (select * from {{ ref('int_sales') }}),
    source_files as (select * from {{ source('tillpost', 'source_files') }})

select
    sales.source_name
    || ' '
    || coalesce(
        sales.row_key,
        coalesce(sales.source_file || ' row ', 'row ')
        || cast(
            sales.source_row - coalesce(source_files.rows_before, 0) as varchar
        )
    ) as row_ref,
    sales.source_name,
    sales.source_file,
    sales.source_row,
    sales.row_key,
    sales.line_key,
    sales.basket_key,
    sales.export_id,
    sales.version,
    sales.lookback,
    sales.dataset_id,
    sales.event_name,
    sales.action_source,
    sales.order_id,
    sales.item_number,
    sales.event_id,
    sales.event_time,
    sales.event_source_url,
    sales.currency,
    sales.order_total,
    sales.line_total,
    sales.quantity,
    sales.unit_price,
    sales.item_id,
    sales.item_brand,
    sales.item_category,
    sales.email,
    sales.phone,
    sales.fn,
    sales.ln,
    sales.gen,
    sales.db,
    sales.ct,
    sales.st,
    sales.zip,
    sales.country,
    sales.external_id,
    sales.madid,
    sales.lead_id,
    sales.client_user_agent
from sales
left join
    source_files
    on sales.source_name = source_files.source_name
    and sales.source_file = source_files.source_file

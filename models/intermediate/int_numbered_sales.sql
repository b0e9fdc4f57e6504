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
    {{ sale_columns() }},
    {{ cleaned_customer_columns() }}
from named

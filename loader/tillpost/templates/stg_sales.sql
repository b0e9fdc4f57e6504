-- One row per source row: your columns under Tillpost's names, mapped here and nowhere else.
with
    rows_of_sales as (
        select *, $row_number as source_row
        from {{ source('sales', 'rows') }}
    )

select
$columns
from rows_of_sales
where {{ in_scope('sales.rows') }}

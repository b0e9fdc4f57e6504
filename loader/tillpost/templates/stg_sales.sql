-- One row per source row: your columns under Tillpost's names,
-- mapped here and nowhere else.
-- To map a column that is listed as unmapped, take it off that list and give it a line.
with
    rows_of_sales as (
$rows
    )

select
    -- the row
$row
    -- the sale
$sale
    -- the line
$line
    -- the customer
$customer
from rows_of_sales
where {{ in_scope('sales.rows') }}

-- One row per source row: all staging models; others of yours join with union all.
with sales as (select * from {{ ref('stg_sales') }})

select {{ sale_columns() }}, {{ customer_columns() }}
from sales

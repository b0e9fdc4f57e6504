-- One row per source row: every staging model under one roof. Others join with union all.
with sales as (select * from {{ ref('stg_sales') }})

select {{ sale_columns() }}, {{ customer_columns() }}
from sales

-- One row per source row: every staging model under one roof. A new one joins here.
with
    till_lines as (select * from {{ ref('stg_till_lines') }}),
    orders as (select * from {{ ref('stg_orders') }})

select {{ sale_columns() }}, {{ customer_columns() }}
from till_lines
union all
select {{ sale_columns() }}, {{ customer_columns() }}
from orders

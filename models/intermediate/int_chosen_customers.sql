-- One row per basket whose customer matters: those that may go, and those without an
-- order id, whose key needs the customer.
with
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    customers as (select * from {{ ref('int_customers') }})

select baskets.basket, {{ customer_columns('customers') }}
from baskets
inner join customers on baskets.customer_row_id = customers.row_id
where baskets.needs_customer

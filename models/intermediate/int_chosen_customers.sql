-- One row per basket whose customer matters: those that may go, and those without an
-- order id, whose key needs the customer.
with
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    customers as (select * from {{ ref('int_customers') }})

select
    baskets.basket,
    customers.email,
    customers.phone,
    customers.fn,
    customers.ln,
    customers.gen,
    customers.db,
    customers.ct,
    customers.st,
    customers.zip,
    customers.country,
    customers.external_id,
    customers.madid,
    customers.lead_id,
    customers.client_user_agent
from baskets
inner join customers on baskets.customer_row_id = customers.row_id
where baskets.needs_customer

-- One row per field that customers share and spelling in it, other fields null: what
-- repeats is normalised and hashed once a spelling, not once a customer.
with customers as (select * from {{ ref('int_chosen_customers') }})

select fn, ln, gen, db, ct, st, zip, country
from customers
group by grouping sets ((fn), (ln), (gen), (db), (ct), (st), (zip), (country))

-- One row per basket with a customer: the identity that Meta gets, hashed; nothing raw.
{{ config(materialized='table') }}
with customers as (select * from {{ ref('int_normalized_customers') }})

select
    basket,
    {{ sha256_hex('em') }} as em,
    {{ sha256_hex('ph') }} as ph,
    {{ sha256_hex('fn') }} as fn,
    {{ sha256_hex('ln') }} as ln,
    {{ sha256_hex('ge') }} as ge,
    {{ sha256_hex('db') }} as db,
    {{ sha256_hex('ct') }} as ct,
    {{ sha256_hex('st') }} as st,
    {{ sha256_hex('zp') }} as zp,
    {{ sha256_hex('country') }} as country,
    {{ sha256_hex('external_id') }} as external_id,
    madid,
    lead_id,
    client_user_agent
from customers

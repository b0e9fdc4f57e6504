-- One row per basket with a customer: the identity that Meta gets, hashed; nothing raw.
{{ config(materialized='table') }}

with customers as (select * from {{ ref('int_normalized_customers') }})

select
    basket,
    {{ sha256_hex('em') }} as em,
    {{ sha256_hex('em_2') }} as em_2,
    {{ sha256_hex('em_3') }} as em_3,
    {{ sha256_hex('ph') }} as ph,
    {{ sha256_hex('ph_2') }} as ph_2,
    {{ sha256_hex('ph_3') }} as ph_3,
    {{ sha256_hex('fn') }} as fn,
    {{ sha256_hex('ln') }} as ln,
    {{ sha256_hex('ge') }} as ge,
    {{ sha256_hex('db') }} as db,
    {{ sha256_hex('ct') }} as ct,
    {{ sha256_hex('ct_2') }} as ct_2,
    {{ sha256_hex('st') }} as st,
    {{ sha256_hex('zp') }} as zp,
    {{ sha256_hex('zp_2') }} as zp_2,
    {{ sha256_hex('country') }} as country,
    {{ sha256_hex('external_id') }} as external_id,
    {{ sha256_hex('external_id_2') }} as external_id_2,
    {{ sha256_hex('external_id_3') }} as external_id_3,
    madid,
    lead_id,
    client_ip_address,
    client_user_agent,
    user_keys,
    problems
from customers

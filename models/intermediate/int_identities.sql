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
    fn_hash as fn,
    ln_hash as ln,
    ge_hash as ge,
    db_hash as db,
    ct_hash as ct,
    ct_2_hash as ct_2,
    st_hash as st,
    zp_hash as zp,
    zp_2_hash as zp_2,
    country_hash as country,
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

-- One row per spelling: hashed, beside what was hashed. Personal, so never stored.
with spellings as (select * from {{ ref('int_normalized_spellings') }})

select
    {{ raw_columns() }},
    fn,
    ln,
    ge,
    db,
    ct,
    ct_2,
    st,
    st_us,
    zp,
    zp_2,
    zp_us,
    country,
    country_code,
    {{ sha256_hex('fn') }} as fn_hash,
    {{ sha256_hex('ln') }} as ln_hash,
    {{ sha256_hex('ge') }} as ge_hash,
    {{ sha256_hex('db') }} as db_hash,
    {{ sha256_hex('ct') }} as ct_hash,
    {{ sha256_hex('ct_2') }} as ct_2_hash,
    {{ sha256_hex('st') }} as st_hash,
    {{ sha256_hex('st_us') }} as st_us_hash,
    {{ sha256_hex('zp') }} as zp_hash,
    {{ sha256_hex('zp_2') }} as zp_2_hash,
    {{ sha256_hex('zp_us') }} as zp_us_hash,
    {{ sha256_hex('country') }} as country_hash,
    problem
from spellings

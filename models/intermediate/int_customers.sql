-- One row per source row: who bought it, as the source has it. Personal, so never
-- stored.
select
    row_id,
    email,
    phone,
    fn,
    ln,
    gen,
    db,
    ct,
    st,
    zip,
    country,
    external_id,
    madid,
    lead_id,
    client_user_agent
from {{ ref('int_numbered_sales') }}

-- One row per value that is nobody's: what tills write where they know nothing, and
-- hashes of it.
{{ config(materialized='table') }}

select field, value
from {{ ref('placeholders') }}
union all
select field, value
from {{ ref('placeholder_hashes') }}

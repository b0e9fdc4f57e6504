-- One row per value that is nobody's: what tills write where they know nothing, and
-- hashes of it.
select field, value
from {{ ref('placeholders') }}
union all
select field, value
from {{ ref('placeholder_hashes') }}

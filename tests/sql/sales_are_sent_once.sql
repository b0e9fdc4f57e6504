-- No sale stands in the final view twice.
select sale_key, count(*) as events
from {{ ref('events') }}
group by sale_key
having count(*) > 1

-- One row per sale whose lines lie too far apart to be one order: its receipt number
-- was used again.
select sale_key
from {{ ref('int_baskets') }}
where sale_key is not null
group by sale_key
having max(last_time) - min(event_time) > {{ var('order_span') }} * 3600

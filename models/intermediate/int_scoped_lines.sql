-- One row per source row in scope: the recent ones, and older ones of an order that
-- is still recent.
with lines as (select * from {{ ref('int_lines') }})

select *
from lines
where is_recent or basket in (select basket from lines where is_recent)

-- One row per source row in scope: recent ones, and older ones of an order still
-- recent.
with
    lines as (select * from {{ ref('int_lines') }}),
    recent as (select distinct basket from {{ ref('int_lines') }} where is_recent)

select lines.*
from lines
left join recent on lines.basket = recent.basket
where lines.is_recent or recent.basket is not null

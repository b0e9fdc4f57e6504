-- One row per source row in scope: recent, or older and of an order still recent.
with
    lines as (select * from {{ ref('int_lines') }}),
    recent as (select basket from {{ ref('int_lines') }} where is_recent),
    older as (select distinct basket from {{ ref('int_lines') }} where not is_recent),

    -- few orders began before the scope: to look for these alone takes little memory
    still_recent as (
        select distinct recent.basket
        from recent
        inner join older on recent.basket = older.basket
    )

select lines.*
from lines
left join still_recent on lines.basket = still_recent.basket
where lines.is_recent or still_recent.basket is not null

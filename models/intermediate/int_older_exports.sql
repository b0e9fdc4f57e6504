-- One row per source row of an order that was exported whole again, with the times of
-- its newest export. Without a line key only a whole export can replace another.
with
    lines as (select * from {{ ref('int_scoped_lines') }}),

    newest_exports as (
        select exported_order, max(coalesce(export_id, '')) as export_id
        from lines
        where exported_order is not null
        group by exported_order
        having min(coalesce(export_id, '')) < max(coalesce(export_id, ''))
    ),

    newest_baskets as (
        select
            lines.basket,
            min(lines.event_time) as first_time,
            max(lines.event_time) as last_time
        from lines
        inner join
            newest_exports
            on lines.exported_order = newest_exports.exported_order
            and coalesce(lines.export_id, '') = newest_exports.export_id
        group by lines.basket
    )

select
    lines.row_id, lines.event_time, newest_baskets.first_time, newest_baskets.last_time
from lines
inner join newest_exports on lines.exported_order = newest_exports.exported_order
left join newest_baskets on lines.basket = newest_baskets.basket
where coalesce(lines.export_id, '') < newest_exports.export_id

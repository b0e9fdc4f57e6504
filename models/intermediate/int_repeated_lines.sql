-- One row per source row in scope that a newer export has replaced.
{{ config(materialized='table') }}

with
    lines as (select * from {{ ref('int_scoped_lines') }}),

    -- few lines have several versions, so only those are ranked
    contested as (select line from lines group by line having count(*) > 1),

    ranked as (
        select
            lines.row_id,
            lines.line,
            lines.basket,
            lines.order_id,
            lines.event_time,
            row_number() over (
                partition by lines.line
                order by
                    lines.version desc nulls last,
                    lines.source_file desc nulls last,
                    lines.source_row desc,
                    lines.row_id
            ) as age
        from lines
        inner join contested on lines.line = contested.line
    ),

    newest_versions as (
        select line, basket, event_time
        from ranked
        where age = 1 and order_id is not null
    ),

    -- without a line key only a whole export can replace another
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
    ),

    older as (
        select
            ranked.row_id,
            ranked.event_time,
            newest_versions.event_time as first_time,
            newest_versions.event_time as last_time
        from ranked
        left join
            newest_versions
            on ranked.line = newest_versions.line
            and ranked.basket = newest_versions.basket
        where ranked.age > 1
        union all
        select
            lines.row_id,
            lines.event_time,
            newest_baskets.first_time,
            newest_baskets.last_time
        from lines
        inner join
            newest_exports on lines.exported_order = newest_exports.exported_order
        left join newest_baskets on lines.basket = newest_baskets.basket
        where coalesce(lines.export_id, '') < newest_exports.export_id
    )

select row_id
from older
-- what lies too far from the newer one is no version of it but another sale under a
-- number used again, and must not go in silence; a time to come was a mistake
where
    not coalesce(
        event_time <= {{ as_of() }}
        and (
            event_time < first_time - {{ var('order_span') }} * 3600
            or event_time > last_time + {{ var('order_span') }} * 3600
        ),
        false
    )

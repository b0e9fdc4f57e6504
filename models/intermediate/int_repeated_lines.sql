-- One row per source row in scope that a newer export has replaced.
{{ config(materialized='table') }}

with
    lines as (select * from {{ ref('int_scoped_lines') }}),

    -- few lines have several versions, so only those are ranked
    contested as (select line from lines group by line having count(*) > 1),

    ranked as (
        select
            lines.row_id,
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

    -- without a line key only a whole export can replace another
    newest_exports as (
        select exported_order, max(coalesce(export_id, '')) as export_id
        from lines
        where exported_order is not null
        group by exported_order
        having min(coalesce(export_id, '')) < max(coalesce(export_id, ''))
    )

select row_id
from ranked
where age > 1
union all
select lines.row_id
from lines
inner join newest_exports on lines.exported_order = newest_exports.exported_order
where coalesce(lines.export_id, '') < newest_exports.export_id

-- One row per source row of whose line there is a newer version, with that one's time.
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

    newest as (
        select line, basket, event_time
        from ranked
        where age = 1 and order_id is not null
    )

select
    ranked.row_id,
    ranked.event_time,
    newest.event_time as first_time,
    newest.event_time as last_time
from ranked
left join newest on ranked.line = newest.line and ranked.basket = newest.basket
where ranked.age > 1

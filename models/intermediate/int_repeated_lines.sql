-- One row per source row in scope that a newer export has replaced.
{{ config(materialized='table') }}

with
    older_versions as (select * from {{ ref('int_older_versions') }}),
    older_exports as (select * from {{ ref('int_older_exports') }}),

    older as (
        select row_id, event_time, first_time, last_time
        from older_versions
        union all
        select row_id, event_time, first_time, last_time
        from older_exports
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

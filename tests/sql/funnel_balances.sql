-- Every row in scope ends in exactly one bucket: the buckets add up to the rows.
with
    buckets as (
        select source_name, sum(source_rows) as source_rows
        from {{ ref('audit_funnel') }}
        where bucket <> 'unreadable'
        group by source_name
    ),

    scope as (
        select source_name, count(*) as source_rows
        from {{ ref('int_lines') }}
        where basket in (select basket from {{ ref('int_lines') }} where is_recent)
        group by source_name
    )

select
    scope.source_name, scope.source_rows as in_scope, buckets.source_rows as in_buckets
from scope
full outer join buckets on scope.source_name = buckets.source_name
where
    scope.source_rows is null
    or buckets.source_rows is null
    or scope.source_rows <> buckets.source_rows

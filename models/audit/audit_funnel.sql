-- One row per source and bucket: how many of its rows in scope ended there.
{{ config(materialized='table') }}

with
    verdicts as (select * from {{ ref('int_verdicts') }}),
    unreadable_lines as (select * from {{ source('tillpost', 'unreadable_lines') }})

select source_name, bucket, count(*) as source_rows
from verdicts
group by source_name, bucket
union all
select source_name, 'unreadable' as bucket, count(*) as source_rows
from unreadable_lines
group by source_name

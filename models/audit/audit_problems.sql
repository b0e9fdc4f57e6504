-- One row per source and problem: how many of its sales have a field that is not sent,
-- or not as well as it could be.
with
    baskets as (select * from {{ ref('int_judged_baskets') }}),
    identities as (select * from {{ ref('int_identities') }}),
    problems as (select * from {{ ref('problems') }}),

    troubled as (
        select source_name, first_row_ref, problems as words
        from baskets
        where problems <> ''
        union all
        select baskets.source_name, baskets.first_row_ref, identities.problems as words
        from identities
        inner join baskets on identities.basket = baskets.basket
        where identities.problems <> ''
    )

select
    troubled.source_name,
    problems.problem,
    problems.meaning,
    count(*) as sales,
    min(troubled.first_row_ref) as example_row_ref
from troubled
inner join
    problems on ',' || troubled.words || ',' like '%,' || problems.problem || ',%'
group by troubled.source_name, problems.problem, problems.meaning

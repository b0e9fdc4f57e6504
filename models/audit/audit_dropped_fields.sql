-- One row per source, store, UTC day and problem: how many of its sales lose a field.
with
    sales as (select * from {{ ref('audit_sales') }}),
    identities as (select * from {{ ref('int_identities') }} where problems <> ''),
    problems as (select * from {{ ref('problems') }})

select
    sales.source_name,
    sales.store,
    sales.day,
    problems.field,
    problems.problem,
    problems.meaning,
    count(*) as sales
from sales
inner join identities on sales.basket = identities.basket
inner join
    problems on ',' || identities.problems || ',' like '%,' || problems.problem || ',%'
group by
    sales.source_name,
    sales.store,
    sales.day,
    problems.field,
    problems.problem,
    problems.meaning

-- Order lines over the last days, the same ones each time: orders of two lines and three in
-- turn, the oldest first. The variables: lines and customers (how many), days, and till (their end).
create macro order_lines(first_line, past_line) as table
with
    numbered as (
        select
            range as line,
            range % 5 as place,
            range // 5 * 2 + case when range % 5 > 1 then 1 else 0 end as order_number,
            getvariable('lines') * 2 // 5 as orders,
            getvariable('days') * 86400 - 7200 as span
        from range(first_line, past_line)
    )

select
    'B' || lpad(cast(order_number as varchar), 9, '0') as order_id,
    place - case when place > 1 then 2 else 0 end + 1 as line_no,
    getvariable('till') - to_seconds(cast(3600 + (orders - order_number) * span // orders as bigint))
    as sold_at,
    'ART-' || line % 4999 as sku,
    1 + line % 3 as quantity,
    cast((1 + line % 3) * (199 + line % 5000) / 100.0 as decimal(12, 2)) as line_total,
    'EUR' as currency,
    email,
    phone,
    fn,
    ln,
    gen,
    db,
    ct,
    st,
    zip,
    country,
    external_id
from numbered
inner join eleven_fields on order_number * 7919 % getvariable('customers') = number
;

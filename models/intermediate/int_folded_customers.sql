-- One row per basket with a customer: each field as text to compare by.
with customers as (select * from {{ ref('int_chosen_customers') }})

select
    basket,
    {{ fold_text('email') }} as email,
    {{ phone_digits(fold_text(ascii_digits('phone'))) }} as phone,
    {{ fold_text('fn') }} as fn,
    {{ fold_text('ln') }} as ln,
    {{ fold_text('gen') }} as gen,
    {{ fold_text(ascii_digits('db')) }} as db,
    {{ fold_text('ct') }} as ct,
    {{ fold_text('st') }} as st,
    {{ fold_text(ascii_digits('zip')) }} as zip,
    {{ fold_text('country') }} as country,
    {{ visible_text('external_id') if var('external_id_keeps_case', false) else fold_text('external_id') }}
    as external_id,
    {{ fold_text('madid') }} as madid,
    {{ fold_text('lead_id') }} as lead_id,
    client_user_agent
from customers

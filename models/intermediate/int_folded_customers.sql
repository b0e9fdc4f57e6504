-- One row per basket with a customer: lists taken apart, what is a customer's own as
-- text to compare by, what customers share as it is written.
with
    customers as (select * from {{ ref('int_chosen_customers') }}),

    listed as (
        select *, {{ email_list('email', 'email_2', 'email_3') }} as emails
        from customers
    ),

    single as (
        select
            *,
            coalesce({{ email_item('emails', 1) }}, email) as first_email,
            {{ email_item('emails', 2) }} as second_email,
            {{ email_item('emails', 3) }} as third_email,
            {{ email_item('emails', 4) }} as fourth_email,
            {{ phone_item(1, 'phone', 'phone_2', 'phone_3') }} as first_phone,
            {{ phone_item(2, 'phone', 'phone_2', 'phone_3') }} as second_phone,
            {{ phone_item(3, 'phone', 'phone_2', 'phone_3') }} as third_phone,
            {{ phone_item(4, 'phone', 'phone_2', 'phone_3') }} as fourth_phone
        from listed
    )

select
    basket,
    {{ fold_text('first_email') }} as email,
    {{ fold_text('second_email') }} as email_2,
    {{ fold_text('third_email') }} as email_3,
    {{ phone_digits('first_phone') }} as phone,
    {{ phone_digits('second_phone') }} as phone_2,
    {{ phone_digits('third_phone') }} as phone_3,
    {{ fold_id('external_id') }} as external_id,
    {{ fold_id('external_id_2') }} as external_id_2,
    {{ fold_id('external_id_3') }} as external_id_3,
    {{ fold_text('madid') }} as madid,
    {{ fold_text('lead_id') }} as lead_id,
    {{ fold_text('client_ip_address') }} as client_ip_address,
    client_user_agent,
    user_keys,
    fn as raw_fn,
    ln as raw_ln,
    gen as raw_gen,
    db as raw_db,
    ct as raw_ct,
    st as raw_st,
    zip as raw_zip,
    country as raw_country,
    {{ word_list(
        "case when fourth_email is not null then 'email_too_many' end",
        "case when fourth_phone is not null then 'phone_too_many' end",
    ) }} as list_problems
from single

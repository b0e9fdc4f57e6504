-- One row per basket with a customer: its phones as one dials them from abroad, by the
-- rules of the customer's country.
with
    customers as (select * from {{ ref('int_customer_references') }}),
    calling_codes as (select * from {{ ref('calling_codes') }})

select
    customers.basket,
    customers.email,
    customers.email_2,
    customers.email_3,
    {{ international_phone('customers.phone') }} as phone,
    {{ international_phone('customers.phone_2') }} as phone_2,
    {{ international_phone('customers.phone_3') }} as phone_3,
    customers.fn,
    customers.ln,
    customers.gen,
    customers.db,
    customers.ct,
    customers.st,
    customers.zip,
    customers.country,
    customers.external_id,
    customers.external_id_2,
    customers.external_id_3,
    customers.madid,
    customers.lead_id,
    customers.client_ip_address,
    customers.client_user_agent,
    customers.user_keys,
    customers.country_code,
    customers.home_country,
    calling_codes.calling_code as home_code,
    customers.state_code,
    customers.gender_letter,
    customers.birth_month,
    customers.problems
from customers
left join calling_codes on calling_codes.country = customers.home_country

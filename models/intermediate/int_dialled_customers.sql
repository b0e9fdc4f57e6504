-- One row per basket with a customer: phones as one dials them from abroad, state and
-- postcode in their form, all by the rules of the customer's country.
with
    known as (select * from {{ ref('int_known_customers') }}),
    calling_codes as (select * from {{ ref('calling_codes') }}),

    customers as (
        select
            *,
            coalesce(home_country, 'us') in ('us', 'ca') as has_state_code,
            coalesce(home_country = 'us', false) as has_us_zip
        from known
    )

select
    customers.basket,
    customers.email,
    customers.email_2,
    customers.email_3,
    {{ international_phone('customers.phone') }} as phone,
    {{ international_phone('customers.phone_2') }} as phone_2,
    {{ international_phone('customers.phone_3') }} as phone_3,
    customers.external_id,
    customers.external_id_2,
    customers.external_id_3,
    customers.madid,
    customers.lead_id,
    customers.client_ip_address,
    customers.client_user_agent,
    customers.user_keys,
    customers.fn,
    customers.fn_hash,
    customers.ln,
    customers.ln_hash,
    customers.ge,
    customers.ge_hash,
    customers.db,
    customers.db_hash,
    customers.ct,
    customers.ct_hash,
    customers.ct_2,
    customers.ct_2_hash,
    case when has_state_code then customers.st_us else customers.st end as st,
    case
        when has_state_code then customers.st_us_hash else customers.st_hash
    end as st_hash,
    case when has_us_zip then customers.zp_us else customers.zp end as zp,
    case
        when has_us_zip then customers.zp_us_hash else customers.zp_hash
    end as zp_hash,
    case when not has_us_zip then customers.zp_2 end as zp_2,
    case when not has_us_zip then customers.zp_2_hash end as zp_2_hash,
    customers.country,
    customers.country_hash,
    customers.country_code,
    customers.home_country,
    calling_codes.calling_code as home_code,
    customers.problems
from customers
left join calling_codes on calling_codes.country = customers.home_country

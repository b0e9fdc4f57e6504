-- One row per basket with a customer: every field as Meta wants it before it is hashed.
with
    customers as (select * from {{ ref('int_customer_references') }}),
    calling_prefixes as (select * from {{ ref('calling_prefixes') }})

select
    customers.basket,
    {{ normalize_email('customers.email', 'customers.email_placeholder') }} as em,
    {{ normalize_phone(
        'customers.phone',
        'customers.phone_placeholder',
        'calling_prefixes.calling_code',
        'calling_prefixes.trunk_prefix',
        'calling_prefixes.min_length',
        'calling_prefixes.max_length',
    ) }} as ph,
    {{ normalize_name('customers.fn', 'customers.fn_placeholder') }} as fn,
    {{ normalize_name('customers.ln', 'customers.ln_placeholder') }} as ln,
    {{ normalize_gender('customers.gen', 'customers.gender_letter') }} as ge,
    {{ normalize_birth_date(
        'customers.db',
        'customers.db_placeholder',
        as_of(),
        'true' if var('day_first', false) else 'false',
    ) }} as db,
    {{ normalize_city('customers.ct', 'customers.ct_placeholder') }} as ct,
    {{ normalize_state(
        'customers.st',
        'customers.st_placeholder',
        'customers.home_country',
        'customers.state_code',
    ) }} as st,
    {{ normalize_zip(
        'customers.zip', 'customers.zip_placeholder', 'customers.home_country'
    ) }} as zp,
    {{ normalize_country(
        'customers.country', 'customers.country_placeholder', 'customers.country_code'
    ) }} as country,
    {{ normalize_external_id(
        'customers.external_id', 'customers.external_id_placeholder'
    ) }} as external_id,
    {{ normalize_madid('customers.madid') }} as madid,
    {{ normalize_lead_id('customers.lead_id') }} as lead_id,
    customers.client_user_agent
from customers
left join
    calling_prefixes
    on calling_prefixes.prefix = {{ calling_prefix('customers.phone') }}

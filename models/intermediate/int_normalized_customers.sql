-- One row per basket with a customer: every field as Meta wants it before it is hashed,
-- and what was wrong with those that it cannot be.
with
    customers as (select * from {{ ref('int_dialled_customers') }}),
    calling_prefixes as (select * from {{ ref('calling_prefixes') }}),

    normalized as (
        select
            customers.*,
            {{ normalize_email('customers.email') }} as em,
            {{ normalize_email('customers.email_2') }} as em_2,
            {{ normalize_email('customers.email_3') }} as em_3,
            {{ normalized_phone('customers.phone', 'first_prefix') }} as ph,
            {{ normalized_phone('customers.phone_2', 'second_prefix') }} as ph_2,
            {{ normalized_phone('customers.phone_3', 'third_prefix') }} as ph_3,
            {{ normalize_name('customers.fn') }} as first_name,
            {{ normalize_name('customers.ln') }} as last_name,
            {{ normalize_gender('customers.gen', 'customers.gender_letter') }} as ge,
            {{ normalize_birth_date(
                'customers.db',
                'customers.birth_month',
                as_of(),
                'true' if var('day_first', false) else 'false',
            ) }} as birth_date,
            {{ normalize_city('customers.ct') }} as city,
            {{ normalize_city_letters('customers.ct') }} as city_letters,
            {{ normalize_state(
                'customers.st', 'customers.home_country', 'customers.state_code'
            ) }} as state,
            {{ normalize_zip('customers.zip', 'customers.home_country') }} as zp,
            {{ normalize_zip_whole('customers.zip', 'customers.home_country') }}
            as zp_2,
            {{ normalize_country('customers.country', 'customers.country_code') }}
            as country_alpha_2,
            {{ normalize_external_id('customers.external_id') }} as id,
            {{ normalize_external_id('customers.external_id_2') }} as id_2,
            {{ normalize_external_id('customers.external_id_3') }} as id_3,
            {{ normalize_madid('customers.madid') }} as mobile_ad_id,
            {{ normalize_lead_id('customers.lead_id') }} as lead,
            {{ normalize_ip_address('customers.client_ip_address') }} as ip_address
        from customers
        left join
            calling_prefixes as first_prefix
            on first_prefix.prefix = {{ calling_prefix('customers.phone') }}
        left join
            calling_prefixes as second_prefix
            on second_prefix.prefix = {{ calling_prefix('customers.phone_2') }}
        left join
            calling_prefixes as third_prefix
            on third_prefix.prefix = {{ calling_prefix('customers.phone_3') }}
    )

select
    basket,
    em,
    em_2,
    em_3,
    ph,
    ph_2,
    ph_3,
    first_name as fn,
    last_name as ln,
    ge,
    birth_date as db,
    city as ct,
    city_letters as ct_2,
    state as st,
    zp,
    zp_2,
    country_alpha_2 as country,
    id as external_id,
    id_2 as external_id_2,
    id_3 as external_id_3,
    mobile_ad_id as madid,
    lead as lead_id,
    ip_address as client_ip_address,
    client_user_agent,
    user_keys,
    {{ word_list(
        "nullif(problems, '')",
        problem_of_email('email', 'em'),
        problem_of_email('email_2', 'em_2'),
        problem_of_email('email_3', 'em_3'),
        problem_of_phone('phone', 'ph', 'home_country'),
        problem_of_phone('phone_2', 'ph_2', 'home_country'),
        problem_of_phone('phone_3', 'ph_3', 'home_country'),
        problem_of_name('fn', 'first_name', 'fn'),
        problem_of_name('ln', 'last_name', 'ln'),
        problem_of_gender('gen', 'ge'),
        problem_of_birth_date('db', 'birth_date', as_of()),
        problem_of_city('ct', 'coalesce(city, city_letters)'),
        problem_of_state('st', 'state'),
        problem_of_zip('zip', 'zp'),
        problem_of_country('country', 'country_alpha_2'),
        problem_of_external_id('external_id', 'id'),
        problem_of_external_id('external_id_2', 'id_2'),
        problem_of_external_id('external_id_3', 'id_3'),
        problem_of_madid('madid', 'mobile_ad_id'),
        problem_of_lead_id('lead_id', 'lead'),
        problem_of_ip_address('client_ip_address', 'ip_address'),
    ) }} as problems
from normalized

-- One row per basket with a customer: every field as Meta wants it before it is hashed,
-- unless only that shows a placeholder, and what was wrong with what is left out.
with
    customers as (select * from {{ ref('int_dialled_customers') }}),
    calling_prefixes as (select * from {{ ref('calling_prefixes') }}),
    placeholders as (select * from {{ ref('int_placeholders') }}),

    normalized as (
        select
            customers.*,
            {{ normalize_email('customers.email') }} as em,
            {{ normalize_email('customers.email_2') }} as em_2,
            {{ normalize_email('customers.email_3') }} as em_3,
            {{ normalized_phone('customers.phone', 'first_prefix') }} as ph,
            {{ normalized_phone('customers.phone_2', 'second_prefix') }} as ph_2,
            {{ normalized_phone('customers.phone_3', 'third_prefix') }} as ph_3,
            {{ normalize_external_id('customers.external_id') }} as id,
            {{ normalize_external_id('customers.external_id_2') }} as id_2,
            {{ normalize_external_id('customers.external_id_3') }} as id_3,
            {{ normalize_madid('customers.madid') }} as mobile_ad_id,
            {{ normalize_lead_id('customers.lead_id') }} as lead,
            {{ normalize_ip_address('customers.client_ip_address') }} as ip_address,
            {{ known_user_keys('customers.user_keys') }} as known_keys
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
    normalized.basket,
    normalized.em,
    normalized.em_2,
    normalized.em_3,
    {{ known_value('normalized', 'ph') }} as ph,
    {{ known_value('normalized', 'ph_2') }} as ph_2,
    {{ known_value('normalized', 'ph_3') }} as ph_3,
    {{ known_value('normalized', 'id') }} as external_id,
    {{ known_value('normalized', 'id_2') }} as external_id_2,
    {{ known_value('normalized', 'id_3') }} as external_id_3,
    normalized.mobile_ad_id as madid,
    normalized.lead as lead_id,
    normalized.ip_address as client_ip_address,
    normalized.client_user_agent,
    normalized.known_keys as user_keys,
    {{ spelling_columns('normalized') }},
    {{ word_list(
        "nullif(normalized.problems, '')",
        placeholder_problem('ph', 'phone'),
        placeholder_problem('ph_2', 'phone'),
        placeholder_problem('ph_3', 'phone'),
        placeholder_problem('id', 'external_id'),
        placeholder_problem('id_2', 'external_id'),
        placeholder_problem('id_3', 'external_id'),
        problem_of_email('email', 'em'),
        problem_of_email('email_2', 'em_2'),
        problem_of_email('email_3', 'em_3'),
        problem_of_phone('phone', 'ph', 'home_country'),
        problem_of_phone('phone_2', 'ph_2', 'home_country'),
        problem_of_phone('phone_3', 'ph_3', 'home_country'),
        problem_of_external_id('external_id', 'id'),
        problem_of_external_id('external_id_2', 'id_2'),
        problem_of_external_id('external_id_3', 'id_3'),
        problem_of_madid('madid', 'mobile_ad_id'),
        problem_of_lead_id('lead_id', 'lead'),
        problem_of_ip_address('client_ip_address', 'ip_address'),
        problem_of_user_keys('user_keys', 'known_keys'),
    ) }} as problems
from
    normalized
    {{ join_placeholders('normalized', 'ph', 'phone') }}
    {{ join_placeholders('normalized', 'ph_2', 'phone') }}
    {{ join_placeholders('normalized', 'ph_3', 'phone') }}
    {{ join_placeholders('normalized', 'id', 'external_id') }}
    {{ join_placeholders('normalized', 'id_2', 'external_id') }}
    {{ join_placeholders('normalized', 'id_3', 'external_id') }}

-- One row per basket with a customer: folded without placeholders, with the hashes of
-- its spellings.
with
    folded as (select * from {{ ref('int_folded_customers') }}),
    placeholders as (select * from {{ ref('int_placeholders') }}),
    spellings as (select * from {{ ref('int_hashed_spellings') }})

select
    folded.basket,
    {{ known_value('folded', 'email') }} as email,
    {{ known_value('folded', 'email_2') }} as email_2,
    {{ known_value('folded', 'email_3') }} as email_3,
    {{ known_value('folded', 'phone') }} as phone,
    {{ known_value('folded', 'phone_2') }} as phone_2,
    {{ known_value('folded', 'phone_3') }} as phone_3,
    {{ known_value('folded', 'external_id') }} as external_id,
    {{ known_value('folded', 'external_id_2') }} as external_id_2,
    {{ known_value('folded', 'external_id_3') }} as external_id_3,
    folded.madid,
    folded.lead_id,
    folded.client_ip_address,
    folded.client_user_agent,
    folded.user_keys,
    first_names.fn,
    last_names.ln,
    genders.ge,
    birth_dates.db,
    cities.ct,
    cities.ct_2,
    states.st,
    states.st_us,
    zips.zp,
    zips.zp_2,
    zips.zp_us,
    countries.country,
    first_names.fn_hash,
    last_names.ln_hash,
    genders.ge_hash,
    birth_dates.db_hash,
    cities.ct_hash,
    cities.ct_2_hash,
    states.st_hash,
    states.st_us_hash,
    zips.zp_hash,
    zips.zp_2_hash,
    zips.zp_us_hash,
    countries.country_hash,
    countries.country_code,
    coalesce(
        countries.country_code,
        nullif('{{ (var("default_country", "") or "") | lower }}', '')
    ) as home_country,
    {{ word_list(
        "nullif(folded.list_problems, '')",
        placeholder_problem('email'),
        placeholder_problem('email_2', 'email'),
        placeholder_problem('email_3', 'email'),
        placeholder_problem('phone'),
        placeholder_problem('phone_2', 'phone'),
        placeholder_problem('phone_3', 'phone'),
        placeholder_problem('external_id'),
        placeholder_problem('external_id_2', 'external_id'),
        placeholder_problem('external_id_3', 'external_id'),
        'first_names.problem',
        'last_names.problem',
        'genders.problem',
        'birth_dates.problem',
        'cities.problem',
        'states.problem',
        'zips.problem',
        'countries.problem',
    ) }} as problems
from
    folded
    {{ join_placeholders('folded', 'email') }}
    {{ join_placeholders('folded', 'email_2', 'email') }}
    {{ join_placeholders('folded', 'email_3', 'email') }}
    {{ join_placeholders('folded', 'phone') }}
    {{ join_placeholders('folded', 'phone_2', 'phone') }}
    {{ join_placeholders('folded', 'phone_3', 'phone') }}
    {{ join_placeholders('folded', 'external_id') }}
    {{ join_placeholders('folded', 'external_id_2', 'external_id') }}
    {{ join_placeholders('folded', 'external_id_3', 'external_id') }}
left join spellings as first_names on first_names.raw_fn = folded.raw_fn
left join spellings as last_names on last_names.raw_ln = folded.raw_ln
left join spellings as genders on genders.raw_gen = folded.raw_gen
left join spellings as birth_dates on birth_dates.raw_db = folded.raw_db
left join spellings as cities on cities.raw_ct = folded.raw_ct
left join spellings as states on states.raw_st = folded.raw_st
left join spellings as zips on zips.raw_zip = folded.raw_zip
left join spellings as countries on countries.raw_country = folded.raw_country

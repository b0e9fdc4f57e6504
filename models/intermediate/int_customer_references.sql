-- One row per basket with a customer: its folded fields without placeholders, and what
-- the seeds say of country, state and gender.
with
    folded as (select * from {{ ref('int_folded_customers') }}),
    placeholders as (select * from {{ ref('placeholders') }}),
    countries as (select * from {{ ref('countries') }}),
    states as (select * from {{ ref('states') }}),
    gender_words as (select * from {{ ref('gender_words') }}),
    months as (select * from {{ ref('months') }})

select
    folded.basket,
    {{ known_value('email') }} as email,
    {{ known_value('email_2') }} as email_2,
    {{ known_value('email_3') }} as email_3,
    {{ known_value('phone') }} as phone,
    {{ known_value('phone_2') }} as phone_2,
    {{ known_value('phone_3') }} as phone_3,
    {{ known_value('fn') }} as fn,
    {{ known_value('ln') }} as ln,
    folded.gen,
    {{ known_value('db') }} as db,
    {{ known_value('ct') }} as ct,
    {{ known_value('st') }} as st,
    {{ known_value('zip') }} as zip,
    {{ known_value('country') }} as country,
    {{ known_value('external_id') }} as external_id,
    {{ known_value('external_id_2') }} as external_id_2,
    {{ known_value('external_id_3') }} as external_id_3,
    folded.madid,
    folded.lead_id,
    folded.client_ip_address,
    folded.client_user_agent,
    folded.user_keys,
    countries.country as country_code,
    coalesce(
        countries.country,
        nullif('{{ (var("default_country", "") or "") | lower }}', '')
    ) as home_country,
    states.state as state_code,
    gender_words.gender as gender_letter,
    months.month as birth_month,
    {{ word_list(
        "nullif(folded.list_problems, '')",
        placeholder_problem('email'),
        placeholder_problem('email_2', 'email'),
        placeholder_problem('email_3', 'email'),
        placeholder_problem('phone'),
        placeholder_problem('phone_2', 'phone'),
        placeholder_problem('phone_3', 'phone'),
        placeholder_problem('fn'),
        placeholder_problem('ln'),
        placeholder_problem('db'),
        placeholder_problem('ct'),
        placeholder_problem('st'),
        placeholder_problem('zip'),
        placeholder_problem('country'),
        placeholder_problem('external_id'),
        placeholder_problem('external_id_2', 'external_id'),
        placeholder_problem('external_id_3', 'external_id'),
    ) }} as problems
from
    folded
    {{ join_placeholders('email') }}
    {{ join_placeholders('email_2', 'email') }}
    {{ join_placeholders('email_3', 'email') }}
    {{ join_placeholders('phone') }}
    {{ join_placeholders('phone_2', 'phone') }}
    {{ join_placeholders('phone_3', 'phone') }}
    {{ join_placeholders('fn') }}
    {{ join_placeholders('ln') }}
    {{ join_placeholders('db') }}
    {{ join_placeholders('ct') }}
    {{ join_placeholders('st') }}
    {{ join_placeholders('zip') }}
    {{ join_placeholders('country') }}
    {{ join_placeholders('external_id') }}
    {{ join_placeholders('external_id_2', 'external_id') }}
    {{ join_placeholders('external_id_3', 'external_id') }}
left join countries on countries.word = {{ letters_of(known_value('country')) }}
left join states on states.word = {{ letters_of(known_value('st')) }}
left join gender_words on gender_words.word = {{ without_punctuation('folded.gen') }}
left join months on months.word = {{ month_word('folded.db') }}

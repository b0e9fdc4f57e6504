-- One row per basket with a customer: its folded fields, and what the seeds say.
with
    folded as (select * from {{ ref('int_folded_customers') }}),
    countries as (select * from {{ ref('countries') }}),
    calling_codes as (select * from {{ ref('calling_codes') }}),
    states as (select * from {{ ref('states') }}),
    gender_words as (select * from {{ ref('gender_words') }}),
    placeholders as (select * from {{ ref('placeholders') }})

select
    folded.basket,
    folded.email,
    {{ add_calling_code(
        'folded.phone',
        national_digits(
            'folded.phone',
            'calling_codes.trunk_prefix',
            'calling_codes.keeps_zero',
            'calling_codes.max_length',
        ),
        'calling_codes.calling_code',
        'calling_codes.international_prefix',
        'calling_codes.min_length',
        'calling_codes.max_length',
    ) }} as phone,
    folded.fn,
    folded.ln,
    folded.gen,
    folded.db,
    folded.ct,
    folded.st,
    folded.zip,
    folded.country,
    folded.external_id,
    folded.madid,
    folded.lead_id,
    folded.client_user_agent,
    countries.country as country_code,
    coalesce(
        countries.country, nullif('{{ var("default_country", "") }}', '')
    ) as home_country,
    states.state as state_code,
    gender_words.gender as gender_letter,
    email_placeholder.value as email_placeholder,
    phone_placeholder.value as phone_placeholder,
    fn_placeholder.value as fn_placeholder,
    ln_placeholder.value as ln_placeholder,
    db_placeholder.value as db_placeholder,
    ct_placeholder.value as ct_placeholder,
    st_placeholder.value as st_placeholder,
    zip_placeholder.value as zip_placeholder,
    country_placeholder.value as country_placeholder,
    external_id_placeholder.value as external_id_placeholder
from folded
left join
    placeholders as country_placeholder
    on country_placeholder.field = 'country'
    and country_placeholder.value = folded.country
left join
    countries
    on countries.word
    = {{ letters_of('nullif(folded.country, country_placeholder.value)') }}
left join
    calling_codes
    on calling_codes.country
    = coalesce(countries.country, nullif('{{ var("default_country", "") }}', ''))
left join states on states.word = {{ letters_of('folded.st') }}
left join gender_words on gender_words.word = {{ without_punctuation('folded.gen') }}
left join
    placeholders as email_placeholder
    on email_placeholder.field = 'email'
    and email_placeholder.value = folded.email
left join
    placeholders as phone_placeholder
    on phone_placeholder.field = 'phone'
    and phone_placeholder.value = folded.phone
left join
    placeholders as fn_placeholder
    on fn_placeholder.field = 'fn'
    and fn_placeholder.value = folded.fn
left join
    placeholders as ln_placeholder
    on ln_placeholder.field = 'ln'
    and ln_placeholder.value = folded.ln
left join
    placeholders as db_placeholder
    on db_placeholder.field = 'db'
    and db_placeholder.value = folded.db
left join
    placeholders as ct_placeholder
    on ct_placeholder.field = 'ct'
    and ct_placeholder.value = folded.ct
left join
    placeholders as st_placeholder
    on st_placeholder.field = 'st'
    and st_placeholder.value = folded.st
left join
    placeholders as zip_placeholder
    on zip_placeholder.field = 'zip'
    and zip_placeholder.value = folded.zip
left join
    placeholders as external_id_placeholder
    on external_id_placeholder.field = 'external_id'
    and external_id_placeholder.value = folded.external_id

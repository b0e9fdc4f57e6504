-- One row per spelling: as Meta wants it before it is hashed, unless only that shows a
-- placeholder, and what was wrong where nothing is left.
with
    known as (select * from {{ ref('int_known_spellings') }}),
    placeholders as (select * from {{ ref('int_placeholders') }}),

    normalized as (
        select
            known.*,
            {{ normalize_name('known.fn') }} as first_name,
            {{ normalize_name('known.ln') }} as last_name,
            {{ normalize_gender('known.gen', 'known.gender_letter') }} as ge,
            {{ normalize_birth_date(
                'known.db',
                'known.birth_month',
                as_of(),
                'true' if var('day_first', false) else 'false',
            ) }} as birth_date,
            {{ normalize_city('known.ct') }} as city,
            {{ normalize_city_letters('known.ct') }} as city_letters,
            {{ without_punctuation('known.ct') }} as city_words,
            {{ normalize_state('known.st', "''", 'known.state_code') }} as state,
            {{ normalize_state('known.st', "'us'", 'known.state_code') }} as state_us,
            {{ without_punctuation('known.st') }} as state_words,
            {{ normalize_zip('known.zip', "''") }} as zp,
            {{ normalize_zip('known.zip', "'us'") }} as zip_us,
            {{ normalize_zip_whole('known.zip', "''") }} as zip_whole,
            {{ normalize_country('known.country', 'known.country_code') }}
            as country_alpha_2
        from known
    )

select
    {{ raw_columns('normalized') }},
    {{ known_value('normalized', 'first_name') }} as fn,
    {{ known_value('normalized', 'last_name') }} as ln,
    normalized.ge,
    {{ known_value('normalized', 'birth_date') }} as db,
    {{ known_value('normalized', 'city', 'city_words') }} as ct,
    {{ known_value('normalized', 'city_letters', 'city_words') }} as ct_2,
    {{ known_value('normalized', 'state', 'state_words') }} as st,
    {{ known_value('normalized', 'state_us', 'state_words') }} as st_us,
    {{ known_value('normalized', 'zp') }} as zp,
    {{ known_value('normalized', 'zip_whole', 'zp') }} as zp_2,
    {{ known_value('normalized', 'zip_us', 'zp') }} as zp_us,
    normalized.country_alpha_2 as country,
    normalized.country_code,
    coalesce(
        normalized.problem,
        {{ placeholder_problem('first_name', 'fn') }},
        {{ placeholder_problem('last_name', 'ln') }},
        {{ placeholder_problem('birth_date', 'db') }},
        {{ placeholder_problem('city_words', 'ct') }},
        {{ placeholder_problem('city', 'ct') }},
        {{ placeholder_problem('city_letters', 'ct') }},
        {{ placeholder_problem('state_words', 'st') }},
        {{ placeholder_problem('state', 'st') }},
        {{ placeholder_problem('state_us', 'st') }},
        {{ placeholder_problem('zp', 'zip') }},
        {{ placeholder_problem('zip_us', 'zip') }},
        {{ placeholder_problem('zip_whole', 'zip') }},
        {{ problem_of_name('normalized.fn', 'first_name', 'fn') }},
        {{ problem_of_name('normalized.ln', 'last_name', 'ln') }},
        {{ problem_of_gender('normalized.gen', 'ge') }},
        {{ problem_of_birth_date('normalized.db', 'birth_date', as_of()) }},
        {{ problem_of_city('normalized.ct', 'coalesce(city, city_letters)') }},
        {{ problem_of_state('normalized.st', 'state') }},
        {{ problem_of_zip('normalized.zip', 'zp') }},
        {{ problem_of_country('normalized.country', 'country_alpha_2') }}
    ) as problem
from
    normalized
    {{ join_placeholders('normalized', 'first_name', 'fn') }}
    {{ join_placeholders('normalized', 'last_name', 'ln') }}
    {{ join_placeholders('normalized', 'birth_date', 'db') }}
    {{ join_placeholders('normalized', 'city_words', 'ct') }}
    {{ join_placeholders('normalized', 'city', 'ct') }}
    {{ join_placeholders('normalized', 'city_letters', 'ct') }}
    {{ join_placeholders('normalized', 'state_words', 'st') }}
    {{ join_placeholders('normalized', 'state', 'st') }}
    {{ join_placeholders('normalized', 'state_us', 'st') }}
    {{ join_placeholders('normalized', 'zp', 'zip') }}
    {{ join_placeholders('normalized', 'zip_us', 'zip') }}
    {{ join_placeholders('normalized', 'zip_whole', 'zip') }}

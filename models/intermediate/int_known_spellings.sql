-- One row per spelling: folded unless it is a placeholder, with what seeds say of it.
with
    folded as (select * from {{ ref('int_folded_spellings') }}),
    placeholders as (select * from {{ ref('int_placeholders') }}),
    countries as (select * from {{ ref('countries') }}),
    states as (select * from {{ ref('states') }}),
    gender_words as (select * from {{ ref('gender_words') }}),
    months as (select * from {{ ref('months') }})

select
    {{ raw_columns('folded') }},
    {{ known_value('folded', 'fn') }} as fn,
    {{ known_value('folded', 'ln') }} as ln,
    {{ known_value('folded', 'gen') }} as gen,
    {{ known_value('folded', 'db') }} as db,
    {{ known_value('folded', 'ct') }} as ct,
    {{ known_value('folded', 'st') }} as st,
    {{ known_value('folded', 'zip') }} as zip,
    {{ known_value('folded', 'country') }} as country,
    gender_words.gender as gender_letter,
    months.month as birth_month,
    states.state as state_code,
    countries.country as country_code,
    coalesce(
        {{ placeholder_problem('fn') }},
        {{ placeholder_problem('ln') }},
        {{ placeholder_problem('gen') }},
        {{ placeholder_problem('db') }},
        {{ placeholder_problem('ct') }},
        {{ placeholder_problem('st') }},
        {{ placeholder_problem('zip') }},
        {{ placeholder_problem('country') }}
    ) as problem
from
    folded
    {{ join_placeholders('folded', 'fn') }}
    {{ join_placeholders('folded', 'ln') }}
    {{ join_placeholders('folded', 'gen') }}
    {{ join_placeholders('folded', 'db') }}
    {{ join_placeholders('folded', 'ct') }}
    {{ join_placeholders('folded', 'st') }}
    {{ join_placeholders('folded', 'zip') }}
    {{ join_placeholders('folded', 'country') }}
left join gender_words on gender_words.word = {{ without_punctuation('folded.gen') }}
left join months on months.word = {{ month_word('folded.db') }}
left join states on states.word = {{ letters_of(known_value('folded', 'st')) }}
left join
    countries on countries.word = {{ letters_of(known_value('folded', 'country')) }}

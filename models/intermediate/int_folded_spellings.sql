-- One row per spelling: as it is written, and as text to compare by.
with
    spellings as (select * from {{ ref('int_spellings') }}),

    with_ascii_digits as (
        select
            *,
            {{ ascii_digits('db') }} as db_in_ascii,
            {{ ascii_digits('zip') }} as zip_in_ascii
        from spellings
    )

select
    fn as raw_fn,
    ln as raw_ln,
    gen as raw_gen,
    db as raw_db,
    ct as raw_ct,
    st as raw_st,
    zip as raw_zip,
    country as raw_country,
    {{ fold_text('fn') }} as fn,
    {{ fold_text('ln') }} as ln,
    {{ fold_text('gen') }} as gen,
    {{ fold_text('db_in_ascii') }} as db,
    {{ fold_text('ct') }} as ct,
    {{ fold_text('st') }} as st,
    {{ fold_text('zip_in_ascii') }} as zip,
    {{ fold_text('country') }} as country
from with_ascii_digits

-- One row per basket with a customer: Meta's user_data, and whether it could be anybody.
with identities as (select * from {{ ref('int_identities') }})

select
    basket,
    {{ json_object(
        json_pair("'em'", json_array(json_word('em'))),
        json_pair("'ph'", json_array(json_word('ph'))),
        json_pair("'fn'", json_word('fn')),
        json_pair("'ln'", json_word('ln')),
        json_pair("'ge'", json_word('ge')),
        json_pair("'db'", json_word('db')),
        json_pair("'ct'", json_array(json_word('ct'))),
        json_pair("'st'", json_word('st')),
        json_pair("'zp'", json_array(json_word('zp'))),
        json_pair("'country'", json_word('country')),
        json_pair("'external_id'", json_array(json_word('external_id'))),
        json_pair("'madid'", json_text('madid')),
        json_pair("'lead_id'", json_text('lead_id')),
        json_pair("'client_user_agent'", json_text('client_user_agent')),
    ) }} as user_data,
    -- Meta's rule: too broad is any subset of one of these four sets of fields
    coalesce(em, ph, external_id, madid, lead_id) is null
    and (
        coalesce(fn, ln, db) is null
        or coalesce(fn, ln, ge, ct, st, zp, country) is null
        or coalesce(ln, db, ct, st, zp, country, client_user_agent) is null
        or coalesce(fn, db, ct, st, zp, country, client_user_agent) is null
    ) as is_too_broad
from identities

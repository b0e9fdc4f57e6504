-- One row per basket whose customer was looked at: its parts of the event with
-- user_data,
-- and whether that could be anybody.
with
    identities as (select * from {{ ref('int_identities') }}),
    parts as (select * from {{ ref('int_event_parts') }} where needs_customer)

select
    parts.basket,
    parts.dataset_id,
    parts.event_time,
    parts.sendable_until,
    parts.sale_key,
    parts.reasons,
    parts.order_event_key,
    parts.moment_key,
    parts.happening,
    parts.custom_data,
    {{ json_object(
        json_hashes("'em'", 'em'),
        json_hashes("'ph'", 'ph'),
        json_hash("'fn'", 'fn'),
        json_hash("'ln'", 'ln'),
        json_hash("'ge'", 'ge'),
        json_hash("'db'", 'db'),
        json_hashes("'ct'", 'ct'),
        json_hash("'st'", 'st'),
        json_hashes("'zp'", 'zp'),
        json_hash("'country'", 'country'),
        json_hashes("'external_id'", 'external_id'),
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
inner join parts on identities.basket = parts.basket

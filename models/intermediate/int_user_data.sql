-- One row per basket whose customer was looked at: its parts of the event with
-- user_data, its key if the customer is part of that, and whether it could be anybody.
with
    identities as (select * from {{ ref('int_identities') }}),
    parts as (select * from {{ ref('int_event_parts') }} where needs_customer),

    described as (
        select
            parts.basket,
            parts.dataset_id,
            parts.event_time,
            parts.sendable_until,
            parts.sale_key,
            parts.reasons,
            parts.needs_address
            and identities.client_ip_address is null as has_no_address,
            parts.order_event_key,
            parts.moment_key,
            parts.happening,
            parts.custom_data,
            {{ json_pairs(
                json_hashes("'em'", 'em', 'em_2', 'em_3'),
                json_hashes("'ph'", 'ph', 'ph_2', 'ph_3'),
                json_hashes(
                    "'external_id'", 'external_id', 'external_id_2', 'external_id_3'
                ),
            ) }} as lists,
            {{ json_pairs(
                json_hash("'fn'", 'fn'),
                json_hash("'ln'", 'ln'),
                json_hash("'ge'", 'ge'),
                json_hash("'db'", 'db'),
                json_hashes("'ct'", 'ct', 'ct_2'),
                json_hash("'st'", 'st'),
                json_hashes("'zp'", 'zp', 'zp_2'),
                json_hash("'country'", 'country'),
                json_pair("'madid'", json_text('madid')),
                json_pair("'lead_id'", json_text('lead_id')),
                json_pair("'client_ip_address'", json_text('client_ip_address')),
                json_pair("'client_user_agent'", json_text('client_user_agent')),
                'user_keys',
            ) }} as fields,
            -- the order of a list is no difference between customers
            case
                when parts.order_event_key is null
                then
                    {{ json_pairs(
                        json_sorted_hashes("'em'", 'em', 'em_2', 'em_3'),
                        json_sorted_hashes("'ph'", 'ph', 'ph_2', 'ph_3'),
                        json_sorted_hashes(
                            "'external_id'", 'external_id', 'external_id_2',
                            'external_id_3'
                        ),
                    ) }}
            end as sorted_lists,
            -- Meta's rule: too broad is any subset of one of these four sets of fields
            coalesce(
                em,
                em_2,
                em_3,
                ph,
                ph_2,
                ph_3,
                external_id,
                external_id_2,
                external_id_3,
                madid,
                lead_id,
                client_ip_address,
                user_keys
            )
            is null
            and (
                coalesce(fn, ln, db) is null
                or coalesce(fn, ln, ge, ct, ct_2, st, zp, country) is null
                or coalesce(ln, db, ct, ct_2, st, zp, country, client_user_agent)
                is null
                or coalesce(fn, db, ct, ct_2, st, zp, country, client_user_agent)
                is null
            ) as is_too_broad
        from identities
        inner join parts on identities.basket = parts.basket
    )

select
    basket,
    dataset_id,
    event_time,
    sendable_until,
    sale_key,
    reasons,
    order_event_key,
    coalesce(
        order_event_key,
        {{ digest16("'user'", 'moment_key', 'sorted_lists', 'fields') }}
    ) as event_key,
    happening,
    {{ json_object('lists', 'fields') }} as user_data,
    custom_data,
    is_too_broad,
    has_no_address
from described

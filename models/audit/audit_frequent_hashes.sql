-- One row per field and hash that stands in too many of the events to be sent: a word
-- that nobody knew for a placeholder, or a mistake that makes all customers one.
{{ config(materialized='table') }}

{%- set fields = 'em em_2 em_3 ph ph_2 ph_3 external_id external_id_2 external_id_3 db fn_ln'.split() %}

with
    identities as (select * from {{ ref('int_identities') }}),
    verdicts as (select * from {{ ref('int_basket_verdicts') }}),

    -- twelve signs tell hashes apart and are quick to count
    sent as (
        select
            {%- for field in fields if field != 'fn_ln' %}
                substr(identities.{{ field }}, 1, 12) as {{ field }},
            {%- endfor %}
            substr(identities.fn, 1, 6) || substr(identities.ln, 1, 6) as fn_ln
        from identities
        inner join verdicts on identities.basket = verdicts.basket
        where verdicts.bucket = 'pending'
    ),

    filled as (
        select
            {%- for field in fields %}
                count({{ field }}) as {{ field }}{{ ',' if not loop.last }}
            {%- endfor %}
        from sent
    ),

    frequent as (
        {%- for field in fields %}
            {{ 'union all' if not loop.first }}
            select '{{ field }}' as field, {{ field }} as digest, count(*) as events
            from sent
            where {{ field }} is not null
            group by {{ field }}
            having count(*) >= {{ var('min_frequent_hash') }}
        {%- endfor %}
    ),

    counted as (
        select
            frequent.field,
            frequent.digest,
            frequent.events,
            case
                frequent.field
                {%- for field in fields %}
                    when '{{ field }}' then filled.{{ field }}
                {%- endfor %}
            end as events_with_field
        from frequent
        cross join filled
    )

select field, digest, events, {{ share_of('events', 'events_with_field') }} as share
from counted
where events > {{ var('max_hash_share') }} * events_with_field

"""The SQL that forgets sales: their detail goes, and one line stays for each key.

$1 are sale keys, with commas between.
"""

from tillpost.ledger.layout import NO_DIGEST

_KEYS = "(select cast(unnest(string_to_array(cast($1 as varchar), ',')) as uuid))"

# What Meta said of a request that held nothing else.
WORDS = f"""
update {{schema}}.answers
set message = '', warnings = '', fbtrace_id = ''
where
    exists (
        select 1
        from {{entries}} as entries
        where
            entries.run_id = answers.run_id
            and entries.batch = answers.batch
            and entries.sale_key in {_KEYS}
    )
    and not exists (
        select 1
        from {{entries}} as entries
        where
            entries.run_id = answers.run_id
            and entries.batch = answers.batch
            and entries.sale_key not in {_KEYS}
    )
"""

_STONE = f"""
insert into {{schema}}.singles (
    event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id, batch,
    attempt, written_at, day
)
select distinct
    event_key, sale_key, cast('{NO_DIGEST}' as uuid), '', dataset_id, 'forgotten', '', 0, 0,
    cast($2 as timestamp), cast($2 as date)
"""
_NEW = """
not exists (
    select 1
    from {entries} as stones
    where stones.event_key = known.event_key and stones.state = 'forgotten'
)
"""

STONES = f"""
{_STONE}
from {{entries}} as known
where sale_key in {_KEYS} and {_NEW}
"""

# For a sale that nothing was written down of: $1 event keys, $3 sale keys, $4 datasets, in step.
STONES_OF_UNKNOWN = f"""
{_STONE}
from (
    select
        cast(unnest(string_to_array(cast($1 as varchar), ',')) as uuid) as event_key,
        cast(unnest(string_to_array(cast($3 as varchar), ',')) as uuid) as sale_key,
        unnest(string_to_array(cast($4 as varchar), ',')) as dataset_id
) as known
where {_NEW}
"""

DETAIL = (
    f"delete from {{schema}}.singles where sale_key in {_KEYS} and state <> 'forgotten'",
    f"delete from {{schema}}.keys where sale_key in {_KEYS}",
)

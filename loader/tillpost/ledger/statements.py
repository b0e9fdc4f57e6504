"""The ledger's SQL that is the same in DuckDB and PostgreSQL.

`{schema}` is where the tables are. `{entries}` is the view of all entries; its column `entry`
counts in the order of writing: clocks may be set back. `{run}` counts the runs.
"""

from tillpost.ledger.standing import STANDING
from tillpost.records import SANDBOX_TRACE

TAKE = "update {schema}.ledger_schema set holder = $1"

# Where it can be shared, a run that begins waits until this transaction has ended.
HOLDER = "select holder from {schema}.ledger_schema {for_share}"

# The fingerprint of the key that order ids were digested with; the first one stays.
DIGEST_KEY = "select digest_key from {schema}.ledger_schema"
IS_EMPTY = "select not exists (select 1 from {entries})"
# What a sandbox settled, this ledger's own or one that was imported.
HAS_PLAYED = f"""
select exists (
    select 1
    from {{schema}}.answers
    where outcome in ('accepted', 'refused') and fbtrace_id like '{SANDBOX_TRACE}%'
    union all
    select 1
    from {{schema}}.singles
    where state in ('accepted', 'refused') and fbtrace_id like '{SANDBOX_TRACE}%'
)
"""
KEEP_DIGEST_KEY = "update {schema}.ledger_schema set digest_key = $1 where digest_key is null"

START_RUN = """
insert into {schema}.runs (run_id, started_at, command, sent, accepted, refused, uncertain)
values ($1, $2, $3, 0, 0, 0, 0)
"""

END_RUN = """
update {schema}.runs
set ended_at = $2, exit_code = $3, sent = $4, accepted = $5, refused = $6, uncertain = $7
where run_id = $1
"""

RUNS = """
select
    run_id, command, cast(extract(epoch from started_at) as double precision),
    cast(extract(epoch from ended_at) as double precision), exit_code,
    sent, accepted, refused, uncertain
from {schema}.runs
order by {run} desc
limit $1
"""

# The greatest moment at which events left: what was only looked at or begun with a wrong clock, and
# went nowhere, must not stop all that comes after.
NEWEST_LEFT = """
select cast(extract(epoch from max(written_at)) as double precision)
from (
    select written_at from {schema}.batches where state = 'leaving'
    union all
    select written_at from {schema}.singles where state = 'leaving'
) as gone
"""

# The greatest moment written down. Only days from the last run's on can hold a greater one.
NEWEST = """
select cast(extract(epoch from greatest(max(started_at), max(ended_at), (
    select max(written_at)
    from {entries}
    where day >= coalesce(
        (select cast(max(started_at) as date) from {schema}.runs), date '1970-01-01'
    )
))) as double precision)
from {schema}.runs
"""

_WRITTEN = """
insert into {schema}.singles (
    event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id, batch,
    attempt, written_at, day
)
"""

# $1 run, $2 now, $3 the state to write
_AGAIN = """
select
    entries.event_key, sale_key, payload_digest, rules_version, dataset_id,
    cast($3 as varchar), cast($1 as varchar), 0, 0, cast($2 as timestamp), cast($2 as date)
from {entries} as entries
inner join standing
    on entries.event_key = standing.event_key and entries.entry = standing.newest
"""

# All that is written of events that may stand as `leaving`: few, whatever the ledger knows, and
# looked for once.
_UNANSWERED = """
with
    open_keys as materialized (
        select event_key from {schema}.singles where state = 'leaving'
        union
        select event_key
        from {schema}.keys
        where entry in (
            select entry from {schema}.batches where state = 'leaving'
            except
            select batch_entry from {schema}.answers where outcome <> 'uncertain'
        )
    ),
    unanswered as materialized (
        select * from {entries} as entries where event_key in (select event_key from open_keys)
    ),
"""

HOLD = f"""
{_WRITTEN}
{STANDING.replace("{entries}", "unanswered").replace("with", _UNANSWERED.strip(), 1)}
{_AGAIN.replace("{entries}", "unanswered")}
where state = 'leaving' and first_left_at <= $4
"""

_KEYS = "(select cast(unnest(string_to_array(nullif({keys}, ''), ',')) as uuid))"

# $4 sale keys, $5 event keys; without either all of them
RESOLVE = f"""
{_WRITTEN}
{STANDING}
{_AGAIN}
where
    state in ('leaving', 'held')
    and (
        cast($4 as varchar) || cast($5 as varchar) = ''
        or sale_key in {_KEYS.format(keys="cast($4 as varchar)")}
        or entries.event_key in {_KEYS.format(keys="cast($5 as varchar)")}
    )
"""

# $1 a state as people know it, $2 sale keys, $3 a run, each '' for any; $4 until when it had to
# leave to be held, $5 how many
LISTED = f"""
{STANDING},
shown as (
    select
        entries.entry,
        entries.event_key,
        sale_key,
        dataset_id,
        case
            when state <> 'leaving' then state
            when first_left_at > $4 then 'uncertain'
            else 'held'
        end as state,
        cast(extract(epoch from first_left_at) as double precision) as first_left_at,
        cast(extract(epoch from written_at) as double precision) as written_at,
        run_id,
        code,
        subcode,
        message,
        fbtrace_id
    from {{entries}} as entries
    inner join standing
    on entries.event_key = standing.event_key and entries.entry = standing.newest
)
select
    cast(event_key as varchar), cast(sale_key as varchar), dataset_id, state, first_left_at,
    written_at, run_id, code, subcode, message, fbtrace_id
from shown
where
    (cast($1 as varchar) = '' or state = $1)
    and (
        cast($2 as varchar) = ''
        or sale_key in {_KEYS.format(keys="cast($2 as varchar)")}
    )
    and (cast($3 as varchar) = '' or run_id = $3)
order by entry desc
limit cast($5 as bigint)
"""

DATASETS = """
select dataset_id from {schema}.batches
union
select dataset_id from {schema}.singles
"""

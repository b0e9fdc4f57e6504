"""The ledger's SQL: its tables, what is written to them and what is asked."""

VERSION = 1

# No primary key: it would cost fifty times the load.
SCHEMA = f"""
create table entries (
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    rules_version varchar not null, dataset_id varchar not null, state varchar not null,
    run_id varchar not null, batch integer not null, attempt integer not null,
    written_at timestamp not null, fbtrace_id varchar, code integer, subcode integer,
    day date not null
);
create table answers (
    run_id varchar not null, batch integer not null, dataset_id varchar not null,
    outcome varchar not null, fault varchar not null, events integer not null,
    attempts integer not null, message varchar not null, fbtrace_id varchar not null,
    code integer, subcode integer, http_status integer, warnings varchar not null,
    written_at timestamp not null
);
create table runs (
    run_id varchar not null, started_at timestamp not null, ended_at timestamp,
    command varchar not null, exit_code integer,
    sent bigint not null, accepted bigint not null, refused bigint not null,
    uncertain bigint not null
);
create table ledger_schema (version integer not null);
insert into ledger_schema values ({VERSION});
"""

# A batch is one row of texts, split here: of all ways to bind a thousand keys the fastest.
_ENTRIES = """
insert into entries
select
    cast(event_key as uuid), cast(sale_key as uuid), cast(payload_digest as uuid),
    rules_version, dataset_id, state, run_id, batch, attempt,
    written_at, fbtrace_id, code, subcode, cast(written_at as date)
from (
    select
        unnest(string_split(event_keys, ',')) as event_key,
        unnest(string_split(sale_keys, ',')) as sale_key,
        unnest(string_split(payload_digests, ',')) as payload_digest,
        rules_version, dataset_id, state, run_id, batch, attempt,
        written_at, fbtrace_id, code, subcode
    from (values {rows}) as batches (
        event_keys, sale_keys, payload_digests, rules_version, dataset_id, state, run_id, batch,
        attempt, written_at, fbtrace_id, code, subcode
    )
)
"""

START_RUN = "insert into runs values ($run_id, $now, null, $command, null, 0, 0, 0, 0)"

END_RUN = """
update runs
set
    ended_at = $now, exit_code = $exit_code,
    sent = $sent, accepted = $accepted, refused = $refused, uncertain = $uncertain
where run_id = $run_id
"""

RUNS = """
select
    run_id, command, epoch(started_at), epoch(ended_at), exit_code,
    sent, accepted, refused, uncertain
from runs
order by started_at desc, rowid desc
limit $limit
"""

# What stands of each key. The order is that of writing, `rowid`: nothing is ever deleted here,
# and clocks may be set back. A `returned` cancels the `leaving` right before it, of the same key,
# run and batch; an earlier one without an answer still stands.
_STANDING = """
with followed as (
    select
        rowid as entry, state,
        lead(state) over (partition by event_key, run_id, batch order by rowid) as next_state
    from entries
    where (run_id, batch) in (select (run_id, batch) from answers where outcome = 'returned')
),
cancelled as (select entry from followed where state = 'leaving' and next_state = 'returned'),
standing as (
    select
        event_key, max(rowid) as newest, min(written_at) as first_written_at,
        min(written_at) filter (where state = 'leaving') as first_left_at
    from entries
    where
        day >= date '1970-01-01' + $since_day
        and state <> 'returned' and rowid not in (select entry from cancelled)
    group by event_key
)
"""

_SNAPSHOT = f"""
copy (
    {_STANDING}
    select
        cast(entries.event_key as digest_type) as event_key,
        cast(sale_key as digest_type) as sale_key,
        cast(payload_digest as digest_type) as payload_digest,
        rules_version, state,
        cast(floor(epoch(coalesce(first_left_at, first_written_at))) as bigint) as first_left_at,
        cast(floor(epoch(written_at)) as bigint) as last_at
    from entries
    inner join standing on entries.rowid = standing.newest
) to $path (format parquet, use_tmp_file false)
"""

COUNTS = f"""
{_STANDING}
select state, count(*)
from entries
inner join standing on entries.rowid = standing.newest
group by state
order by state
"""


def snapshot(digest_type: str) -> str:
    """Copy what stands of each key to Parquet, digests as `uuid` or `varchar`."""
    return _SNAPSHOT.replace("digest_type", digest_type)


def insert_entries(batches: int) -> str:
    """Insert the keys of so many batches, a row of parameters a batch."""
    return _ENTRIES.format(rows=_rows(batches, columns=13))


def insert_answers(answers: int) -> str:
    """Insert so many answers, a row of parameters an answer."""
    return f"insert into answers values {_rows(answers, columns=14)}"


def _rows(count: int, *, columns: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * count)

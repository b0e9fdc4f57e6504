"""The ledger's SQL in DuckDB alone: its tables, and rows written fast."""

from tillpost.ledger.statements import VERSION

# No primary key: it would cost fifty times the load.
SCHEMA = f"""
create table entries (
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    rules_version varchar not null, dataset_id varchar not null, state varchar not null,
    run_id varchar not null, batch integer not null, attempt integer not null,
    written_at timestamp not null, fbtrace_id varchar, code integer, subcode integer,
    day date not null, message varchar
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
create table ledger_schema (version integer not null, holder varchar);
insert into ledger_schema values ({VERSION}, null);
"""

# From layout 1 to 2.
UPGRADE = f"""
alter table entries add column message varchar;
alter table ledger_schema add column holder varchar;
update ledger_schema set version = {VERSION};
"""

# A batch is one row of texts, split here: of all ways to bind a thousand keys the fastest.
_ENTRIES = """
insert into entries
select
    cast(event_key as uuid), cast(sale_key as uuid), cast(payload_digest as uuid),
    rules_version, dataset_id, state, run_id, batch, attempt,
    written_at, fbtrace_id, code, subcode, cast(written_at as date), message
from (
    select
        unnest(string_split(event_keys, ',')) as event_key,
        unnest(string_split(sale_keys, ',')) as sale_key,
        unnest(string_split(payload_digests, ',')) as payload_digest,
        rules_version, dataset_id, state, run_id, batch, attempt,
        written_at, fbtrace_id, code, subcode, message
    from (values {rows}) as batches (
        event_keys, sale_keys, payload_digests, rules_version, dataset_id, state, run_id, batch,
        attempt, written_at, fbtrace_id, code, subcode, message
    )
)
"""


def insert_entries(batches: int) -> str:
    """Insert the keys of so many batches, a row of parameters a batch."""
    return _ENTRIES.format(rows=_rows(batches, columns=14))


def insert_answers(answers: int) -> str:
    """Insert so many answers, a row of parameters an answer."""
    return f"insert into answers values {_rows(answers, columns=14)}"


def _rows(count: int, *, columns: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * count)

"""The ledger's SQL in DuckDB alone: its tables, and how older layouts become this one."""

from tillpost.ledger.layout import ENTRIES_VIEW, VERSION

_VIEW = ENTRIES_VIEW.replace("{schema}.", "")  # a file may be called main, as its schema is

# No primary key: it would cost fifty times the load.
_BATCHES = """
create table batches (
    run_id varchar not null, batch integer not null, dataset_id varchar not null,
    rules_version varchar not null, state varchar not null, written_at timestamp not null,
    entry bigint not null default nextval('entry_numbers')
);
create table keys (
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    entry bigint not null
);
"""
SCHEMA = f"""
create sequence entry_numbers start {{first_entry}};
{_BATCHES}
create table singles (
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    rules_version varchar not null, dataset_id varchar not null, state varchar not null,
    run_id varchar not null, batch integer not null, attempt integer not null,
    written_at timestamp not null, fbtrace_id varchar, code integer, subcode integer,
    day date not null, message varchar,
    entry bigint default nextval('entry_numbers')
);
create table answers (
    run_id varchar not null, batch integer not null, dataset_id varchar not null,
    outcome varchar not null, fault varchar not null, events integer not null,
    attempts integer not null, message varchar not null, fbtrace_id varchar not null,
    code integer, subcode integer, http_status integer, warnings varchar not null,
    written_at timestamp not null, batch_entry bigint,
    entry bigint default nextval('entry_numbers')
);
create table runs (
    run_id varchar not null, started_at timestamp not null, ended_at timestamp,
    command varchar not null, exit_code integer,
    sent bigint not null, accepted bigint not null, refused bigint not null,
    uncertain bigint not null
);
create table ledger_schema (version integer not null, holder varchar, digest_key varchar);
insert into ledger_schema values ({VERSION}, null, null);
{_VIEW}
"""

UPGRADES = {
    1: """
    alter table entries add column message varchar;
    alter table ledger_schema add column holder varchar;
    update ledger_schema set version = 2;
    """,
    2: f"""
    create sequence entry_numbers start {{first_entry}};
    {_BATCHES}
    alter table entries rename to singles;
    alter table singles add column entry bigint;
    update singles set entry = rowid;
    alter table singles alter column entry set default nextval('entry_numbers');
    alter table answers add column batch_entry bigint;
    alter table answers add column entry bigint;
    alter table answers alter column entry set default nextval('entry_numbers');
    update ledger_schema set version = 3;
    {_VIEW}
    """,
    3: """
    alter table ledger_schema add column digest_key varchar;
    update ledger_schema set version = 4;
    """,
}
"""From each layout to the next; ``first_entry`` is a number that no entry has yet."""

INSERT_KEYS = "insert into keys select event_key, sale_key, payload_digest, entry from given_keys"


def _insert(table: str, *columns: str) -> str:
    """Insert rows, given column by column: so the text is the same for any number of them."""
    values = ", ".join("unnest(?)" for _ in columns)
    return f"insert into {table} ({', '.join(columns)}) select {values}"


INSERT_BATCHES = (
    _insert("batches", "run_id", "batch", "dataset_id", "rules_version", "state", "written_at")
    + " returning entry"
)
INSERT_ANSWERS = _insert(
    "answers",
    *("run_id", "batch", "dataset_id", "outcome", "fault", "events", "attempts", "message"),
    *("fbtrace_id", "code", "subcode", "http_status", "warnings", "written_at", "batch_entry"),
)

"""The ledger's SQL in PostgreSQL alone: the tables of the file, and rows written fast."""

from tillpost.ledger.layout import ENTRIES_VIEW, VERSION

# Two that open a new ledger at the same moment take turns.
MAKE_ALONE = "select pg_advisory_xact_lock(hashtextextended('tillpost ledger ' || $1, 0))"
HAS_SCHEMA = "select exists (select from pg_catalog.pg_namespace where nspname = $1)"
# Asked of the catalog: what a session remembers of names may be older than its turn.
HAS_TABLES = """
select exists (
    select from pg_catalog.pg_tables where schemaname = $1 and tablename = 'ledger_schema'
)
"""
MAKE_SCHEMA = "create schema {schema}"

# No primary key: it would cost many times the load. Rows come in the order of their entries, so
# that the smallest of indexes is enough to leave old ones out.
_BATCHES = """
create table {schema}.batches (
    run_id text not null, batch integer not null, dataset_id text not null,
    rules_version text not null, state text not null, written_at timestamp not null,
    entry bigint not null default nextval('{schema}.entry_numbers')
);
create table {schema}.keys (
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    entry bigint not null
);
create index keys_entry on {schema}.keys using brin (entry) with (autosummarize = on);
"""
TABLES = f"""
create sequence {{schema}}.entry_numbers;
{_BATCHES}
create table {{schema}}.singles (
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    rules_version text not null, dataset_id text not null, state text not null,
    run_id text not null, batch integer not null, attempt integer not null,
    written_at timestamp not null, fbtrace_id text, code integer, subcode integer,
    day date not null, message text,
    entry bigint not null default nextval('{{schema}}.entry_numbers')
);
create index singles_day on {{schema}}.singles using brin (day) with (autosummarize = on);
create index singles_forgotten on {{schema}}.singles (event_key) where state = 'forgotten';
create table {{schema}}.answers (
    run_id text not null, batch integer not null, dataset_id text not null,
    outcome text not null, fault text not null, events integer not null,
    attempts integer not null, message text not null, fbtrace_id text not null,
    code integer, subcode integer, http_status integer, warnings text not null,
    written_at timestamp not null, batch_entry bigint,
    entry bigint default nextval('{{schema}}.entry_numbers')
);
create table {{schema}}.runs (
    run bigint generated always as identity,
    run_id text not null, started_at timestamp not null, ended_at timestamp,
    command text not null, exit_code integer,
    sent bigint not null, accepted bigint not null, refused bigint not null,
    uncertain bigint not null
);
create table {{schema}}.ledger_schema (version integer not null, holder text, digest_key text);
insert into {{schema}}.ledger_schema values ({VERSION}, null, null);
{ENTRIES_VIEW}
"""

UPGRADES = {
    1: """
    alter table {schema}.entries add column message text;
    create index entries_forgotten on {schema}.entries (event_key) where state = 'forgotten';
    alter table {schema}.ledger_schema add column holder text;
    update {schema}.ledger_schema set version = 2;
    """,
    2: f"""
    lock table {{schema}}.entries in access exclusive mode;
    create sequence {{schema}}.entry_numbers;
    select setval(
        '{{schema}}.entry_numbers', (select coalesce(max(entry), 0) + 1 from {{schema}}.entries)
    );
    {_BATCHES}
    alter table {{schema}}.entries rename to singles;
    alter index {{schema}}.entries_day rename to singles_day;
    alter index {{schema}}.entries_forgotten rename to singles_forgotten;
    alter table {{schema}}.singles
        alter column entry drop identity,
        alter column entry set default nextval('{{schema}}.entry_numbers');
    alter table {{schema}}.answers add column batch_entry bigint;
    alter table {{schema}}.answers add column entry bigint;
    alter table {{schema}}.answers
        alter column entry set default nextval('{{schema}}.entry_numbers');
    update {{schema}}.ledger_schema set version = 3;
    {ENTRIES_VIEW}
    """,
    3: """
    alter table {schema}.ledger_schema add column digest_key text;
    update {schema}.ledger_schema set version = 4;
    """,
}
"""From each layout to the next."""

LAYOUT = "select max(version) from {schema}.ledger_schema"

# The digests of a batch are three texts, split here.
INSERT_BATCH = """
with batch as (
    insert into {schema}.batches (run_id, batch, dataset_id, rules_version, state, written_at)
    values ($1, $2, $3, $4, $5, $6)
    returning entry
),
written as (
    insert into {schema}.keys (event_key, sale_key, payload_digest, entry)
    select given.event_key, given.sale_key, given.payload_digest, batch.entry
    from
        batch,
        unnest(
            string_to_array($7, ',')::uuid[],
            string_to_array($8, ',')::uuid[],
            string_to_array($9, ',')::uuid[]
        ) as given (event_key, sale_key, payload_digest)
)
select entry from batch
"""

INSERT_ANSWER = """
insert into {schema}.answers (
    run_id, batch, dataset_id, outcome, fault, events, attempts, message, fbtrace_id,
    code, subcode, http_status, warnings, written_at, batch_entry
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""

ARRIVALS = """
create temporary table arrivals (like {schema}.singles) on commit drop;
alter table arrivals alter column entry add generated always as identity
"""

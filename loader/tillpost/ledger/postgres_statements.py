"""The ledger's SQL in PostgreSQL alone: the tables of the file, and rows written fast."""

from tillpost.ledger.statements import VERSION

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

# No primary key: it would cost many times the load. Rows come in the order of their days, so that
# the smallest of indexes is enough to leave old ones out.
TABLES = f"""
create table {{schema}}.entries (
    entry bigint generated always as identity,
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    rules_version text not null, dataset_id text not null, state text not null,
    run_id text not null, batch integer not null, attempt integer not null,
    written_at timestamp not null, fbtrace_id text, code integer, subcode integer,
    day date not null, message text
);
create index entries_day on {{schema}}.entries using brin (day) with (autosummarize = on);
create index entries_forgotten on {{schema}}.entries (event_key) where state = 'forgotten';
create table {{schema}}.answers (
    run_id text not null, batch integer not null, dataset_id text not null,
    outcome text not null, fault text not null, events integer not null,
    attempts integer not null, message text not null, fbtrace_id text not null,
    code integer, subcode integer, http_status integer, warnings text not null,
    written_at timestamp not null
);
create table {{schema}}.runs (
    run bigint generated always as identity,
    run_id text not null, started_at timestamp not null, ended_at timestamp,
    command text not null, exit_code integer,
    sent bigint not null, accepted bigint not null, refused bigint not null,
    uncertain bigint not null
);
create table {{schema}}.ledger_schema (version integer not null, holder text);
insert into {{schema}}.ledger_schema values ({VERSION}, null);
"""

# From layout 1 to 2.
UPGRADE = f"""
alter table {{schema}}.entries add column message text;
create index entries_forgotten on {{schema}}.entries (event_key) where state = 'forgotten';
alter table {{schema}}.ledger_schema add column holder text;
update {{schema}}.ledger_schema set version = {VERSION};
"""

LAYOUT = "select max(version) from {schema}.ledger_schema"

# A batch is one row of texts, split here.
INSERT_ENTRIES = """
insert into {schema}.entries (
    event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id, batch,
    attempt, written_at, fbtrace_id, code, subcode, message, day
)
select
    event_key, sale_key, payload_digest, $4::text, $5::text, $6::text, $7::text, $8::integer,
    $9::integer, $10::timestamp, $11::text, $12::integer, $13::integer, $14::text,
    $10::timestamp::date
from
    unnest(
        string_to_array($1, ',')::uuid[],
        string_to_array($2, ',')::uuid[],
        string_to_array($3, ',')::uuid[]
    ) as keys (event_key, sale_key, payload_digest)
"""

INSERT_ANSWERS = """
insert into {schema}.answers (
    run_id, batch, dataset_id, outcome, fault, events, attempts, message, fbtrace_id,
    code, subcode, http_status, warnings, written_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""

ARRIVALS = """
create temporary table arrivals (like {schema}.entries including identity) on commit drop
"""

"""The tables of ledgers as older versions made them, with one event that left."""

_ENTRIES = """
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    rules_version {text} not null, dataset_id {text} not null, state {text} not null,
    run_id {text} not null, batch integer not null, attempt integer not null,
    written_at timestamp not null, fbtrace_id {text}, code integer, subcode integer,
    day date not null{message}
"""
_TABLES = """
create table {prefix}entries ({number}{entries});
create table {prefix}answers (
    run_id {text} not null, batch integer not null, dataset_id {text} not null,
    outcome {text} not null, fault {text} not null, events integer not null,
    attempts integer not null, message {text} not null, fbtrace_id {text} not null,
    code integer, subcode integer, http_status integer, warnings {text} not null,
    written_at timestamp not null
);
create table {prefix}runs (
    {run}run_id {text} not null, started_at timestamp not null, ended_at timestamp,
    command {text} not null, exit_code integer, sent bigint not null, accepted bigint not null,
    refused bigint not null, uncertain bigint not null
);
create table {prefix}ledger_schema (version integer not null{holder});
insert into {prefix}ledger_schema (version) values ({layout});
insert into {prefix}entries (
    event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id, batch, attempt,
    written_at, day
)
select
    cast('00000000-0000-0000-0000-000000000001' as uuid),
    cast('00000000-0000-0000-0000-0000000f4241' as uuid),
    cast('00000000-0000-0000-0000-00003b9aca01' as uuid), '1', '123', 'leaving', 'old', 1, 0,
    timestamp '2024-10-04 00:00:00', date '2024-10-04';
"""
# Layout 3 had what layout 4 has, but for the digest key's fingerprint.
_THIRD = """
create sequence {prefix}entry_numbers;
create table {prefix}batches (
    run_id {text} not null, batch integer not null, dataset_id {text} not null,
    rules_version {text} not null, state {text} not null, written_at timestamp not null,
    entry bigint not null default nextval('{prefix}entry_numbers')
);
create table {prefix}keys (
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    entry bigint not null
);
create table {prefix}singles (
    event_key uuid not null, sale_key uuid not null, payload_digest uuid not null,
    rules_version {text} not null, dataset_id {text} not null, state {text} not null,
    run_id {text} not null, batch integer not null, attempt integer not null,
    written_at timestamp not null, fbtrace_id {text}, code integer, subcode integer,
    day date not null, message {text}, entry bigint default nextval('{prefix}entry_numbers')
);
create table {prefix}answers (
    run_id {text} not null, batch integer not null, dataset_id {text} not null,
    outcome {text} not null, fault {text} not null, events integer not null,
    attempts integer not null, message {text} not null, fbtrace_id {text} not null,
    code integer, subcode integer, http_status integer, warnings {text} not null,
    written_at timestamp not null, batch_entry bigint,
    entry bigint default nextval('{prefix}entry_numbers')
);
create table {prefix}runs (
    {run}run_id {text} not null, started_at timestamp not null, ended_at timestamp,
    command {text} not null, exit_code integer, sent bigint not null, accepted bigint not null,
    refused bigint not null, uncertain bigint not null
);
create table {prefix}ledger_schema (version integer not null, holder {text});
insert into {prefix}ledger_schema values (3, null);
create view {prefix}entries as
select
    entry, event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id, batch,
    attempt, written_at, fbtrace_id, code, subcode, day, message
from {prefix}singles
union all
select
    batches.entry, event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id,
    batch, 0, written_at, null, null, null, cast(written_at as date), null
from {prefix}keys as keys
inner join {prefix}batches as batches on keys.entry = batches.entry
union all
select
    answers.entry, event_key, sale_key, payload_digest, rules_version, batches.dataset_id, outcome,
    batches.run_id, batches.batch, attempts, answers.written_at, fbtrace_id, code, subcode,
    cast(answers.written_at as date), case when outcome = 'refused' then message end
from {prefix}keys as keys
inner join {prefix}batches as batches on keys.entry = batches.entry
inner join {prefix}answers as answers on batches.entry = answers.batch_entry
where outcome <> 'uncertain';
insert into {prefix}batches (run_id, batch, dataset_id, rules_version, state, written_at)
values ('old', 1, '123', '1', 'leaving', timestamp '2024-10-04 00:00:00');
insert into {prefix}keys
select
    cast('00000000-0000-0000-0000-000000000001' as uuid),
    cast('00000000-0000-0000-0000-0000000f4241' as uuid),
    cast('00000000-0000-0000-0000-00003b9aca01' as uuid), entry
from {prefix}batches;
"""


def duckdb_layout(layout: int) -> str:
    if layout > 2:
        return _THIRD.format(text="varchar", prefix="", run="")
    return _layout(layout, text="varchar", prefix="", number="", run="")


def postgres_layout(layout: int, *, schema: str) -> str:
    identity = "bigint generated always as identity, "
    if layout > 2:
        indexes = f"create index keys_entry on {schema}.keys using brin (entry);"
        indexes += f"create index singles_day on {schema}.singles using brin (day);"
        indexes += f"create index singles_forgotten on {schema}.singles (event_key)"
        indexes += " where state = 'forgotten';"
        return _THIRD.format(text="text", prefix=f"{schema}.", run=f"run {identity}") + indexes
    indexes = f"create index entries_day on {schema}.entries using brin (day);"
    if layout > 1:
        indexes += f"create index entries_forgotten on {schema}.entries (event_key)"
        indexes += " where state = 'forgotten';"
    tables = _layout(
        layout, text="text", prefix=f"{schema}.", number=f"entry {identity}", run=f"run {identity}"
    )
    return f"{tables}{indexes}"


def _layout(layout: int, *, text: str, prefix: str, number: str, run: str) -> str:
    message, holder = ("", "") if layout == 1 else (f", message {text}", f", holder {text}")
    return _TABLES.format(
        entries=_ENTRIES.format(text=text, message=message),
        text=text,
        prefix=prefix,
        number=number,
        run=run,
        holder=holder,
        layout=layout,
    )

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


def duckdb_layout(layout: int) -> str:
    return _layout(layout, text="varchar", prefix="", number="", run="")


def postgres_layout(layout: int, *, schema: str) -> str:
    indexes = f"create index entries_day on {schema}.entries using brin (day);"
    if layout > 1:
        indexes += f"create index entries_forgotten on {schema}.entries (event_key)"
        indexes += " where state = 'forgotten';"
    identity = "bigint generated always as identity, "
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

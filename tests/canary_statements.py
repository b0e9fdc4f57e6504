"""Statements that fail on a customer's value, so that the engine's error quotes it."""

from collections.abc import Iterator

import duckdb

VALUES = (
    "qzjxvk@qzjxvk.example",
    "qzjxvk",
    '{"qzjxvk": qzjxvk',
    "{qzjxvk",
    "(qzjxvk",
    "qzjxvk[",
    "<qzjxvk",
    "qzjxvk.a.b.c",
)
"""Each is no number, no date and no JSON, and breaks one grammar or another."""

# They wait, end the session, or are there for the engine's own tests.
_LEFT_OUT = (
    *("sleep", "test_", "write_log", "pg_sleep", "pg_terminate", "pg_cancel", "pg_rotate"),
    *("pg_reload", "pg_promote", "pg_switch", "pg_log", "pg_create", "pg_drop", "pg_advisory"),
    *("pg_try_advisory", "pg_backup", "pg_start", "pg_stop", "pg_wal_replay", "lo_"),
)
_DUCKDB_ARGUMENTS = (
    *("{}", "{}, {}", "1, {}", "{}, 1", "date '2026-01-01', {}", "{}, date '2026-01-01'"),
    *("[{}]", "[{}], {}", "{}, {}, {}", "{}, 1, 1", "1, 1, {}", "{}, lambda x: cast(x as int)"),
)
_NAMED_BY_DATA = (
    "select nobody from (pivot t on email using count(*))",
    "with p as (pivot (select email, 1 as n from t) on email using sum(n)) select nobody from p",
    "from (unpivot (select email from t) on email) select nobody",
    "set variable x = (select email from t limit 1)",
    "from query(getvariable('x'))",
    "from query('select * from \"' || getvariable('x') || '\"')",
    "from query_table(getvariable('x'))",
    "from query_table([getvariable('x')])",
    *(
        f"from {name}(getvariable('x'))"
        for name in ("read_csv", "read_parquet", "read_text", "read_blob", "glob", "read_json")
    ),
    "from read_csv(getvariable('x') || '.csv')",
    "from read_csv('a', delim = getvariable('x'))",
)
"""DuckDB takes a name of a column, a relation or a file from a value."""
_DUCKDB_TYPES = ("integer[]", "struct(a integer)", "map(integer, integer)", "decimal(5, 2)", "json")
# By what PostgreSQL calls a type; what is not here is cast to.
_POSTGRES_ARGUMENTS = {
    **dict.fromkeys(("integer", "bigint", "smallint", "oid", "numeric", "double precision"), "1"),
    **dict.fromkeys(("text", "character varying", '"any"', "anyelement"), "email"),
    **dict.fromkeys(("text[]", "anyarray"), "array[email]"),
    "boolean": "true",
    '"char"': "'x'",
    "date": "date '2026-01-01'",
    "timestamp without time zone": "timestamp '2026-01-01'",
    "timestamp with time zone": "timestamptz '2026-01-01'",
    "interval": "interval '1 day'",
    "json": "json '{}'",
    "jsonb": "jsonb '{}'",
}
POSTGRES_FUNCTIONS = """
select
    proname,
    array(select format_type(kind, null) from unnest(proargtypes) as kinds(kind))
from pg_proc
where
    pronamespace = 'pg_catalog'::regnamespace
    and prokind in ('f', 'a')
    and pronargs between 1 and 4
order by proname
"""
POSTGRES_TYPES = """
select format_type(oid, null)
from pg_type
where typtype in ('b', 'd', 'r', 'm') and typnamespace = 'pg_catalog'::regnamespace
"""


def duckdb_statements(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Every function and every cast that DuckDB has, over ``email`` of the table ``t``."""
    names = connection.execute(
        "select distinct function_name from duckdb_functions()"
        " where function_type in ('scalar', 'aggregate', 'macro') order by 1"
    ).fetchall()
    for (name,) in names:
        if name[0].isalpha() and not name.startswith(_LEFT_OUT):
            for arguments in _DUCKDB_ARGUMENTS:
                yield f"select {name}({arguments.replace('{}', 'email')}) from t"
    yield from _NAMED_BY_DATA
    types = connection.execute("select distinct type_name from duckdb_types() order by 1")
    for kind in (*(row[0] for row in types.fetchall()), *_DUCKDB_TYPES):
        yield f"select cast(email as {kind}) from t"
        yield f"select cast([email] as {kind}[]) from t"


def postgres_statement(name: str, kinds: list[str]) -> str | None:
    """A call of one function of PostgreSQL's over ``email``, if that is a thing that it takes."""
    if name.startswith(_LEFT_OUT) or any("internal" in kind for kind in kinds):
        return None
    arguments = [_POSTGRES_ARGUMENTS.get(kind, f"email::{kind}") for kind in kinds]
    return f'select "{name}"({", ".join(arguments)}) from t'

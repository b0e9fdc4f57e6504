"""The lock of a ledger in PostgreSQL: held by a session, and gone with it."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from hashlib import blake2b

import psycopg

from tillpost.errors import Locked, UsageError
from tillpost.postgres_errors import in_words
from tillpost.postgres_session import connect
from tillpost.records import Owner

_POLL = 0.25
_TRIES = 3
_LONGEST_NAME = 63
"""Bytes of a session's name that PostgreSQL keeps."""

# Of a holder whose machine died the server hears within a minute; it never ends a session because
# nothing is said in it.
_SETTINGS = """
select set_config(name, value, false)
from (
    values
        ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'),
        ('tcp_keepalives_count', '3'), ('idle_session_timeout', '0'), ('statement_timeout', '0')
) as chosen (name, value)
"""
_OURS = """
    locktype = 'advisory' and objsubid = 1 and granted
    and ((classid::bigint << 32) | objid::bigint) = $1
    and database = (select oid from pg_catalog.pg_database where datname = current_database())
"""
# A session may take a lock twice: behind a pooler it may be another run's session too.
_TAKE = f"""
select
    case
        when exists (select from pg_catalog.pg_locks where {_OURS} and pid = pg_backend_pid())
        then false
        else pg_try_advisory_lock($1)
    end
"""
_HOLDER = f"""
select activity.application_name, activity.backend_start
from pg_catalog.pg_locks
inner join pg_catalog.pg_stat_activity as activity using (pid)
where {_OURS}
"""


@contextmanager
def postgres_lock(address: str, *, schema: str, owner: Owner, wait: float) -> Iterator[None]:
    """Hold the ledger for this run, or raise `Locked` after waiting so many seconds.

    Args:
        address: libpq's connection string; it may hold a password and is never shown.
        schema: that of the ledger.
        owner: this run, as another one is told.
        wait: seconds.
    """
    where = f"ledger, schema {schema}"
    key = _key(schema)
    with closing(connect(address, where=where, name=_session_name(owner))) as connection:
        with in_words(where=where):
            _refuse_shared_sessions(connection, address, where=where)
            connection.execute(_SETTINGS)
            _acquire(connection, key, where=where, wait=wait)
        try:
            yield
        finally:
            # The end of a session takes a moment, and the next run may not wait.
            with suppress(psycopg.Error):
                connection.execute("select pg_advisory_unlock($1)", [key])


def _acquire(connection: psycopg.Connection, key: int, *, where: str, wait: float) -> None:
    deadline = time.monotonic() + wait
    while connection.execute(_TAKE, [key]).fetchone() != (True,):
        left = deadline - time.monotonic()
        if left <= 0:
            holder = connection.execute(_HOLDER, [key]).fetchone()
            raise Locked(
                f"{_named(*holder) if holder else 'another run'} holds the ledger",
                where=where,
                fix="wait until it has ended, then run the same command again",
            )
        time.sleep(min(_POLL, left))


def _refuse_shared_sessions(connection: psycopg.Connection, address: str, *, where: str) -> None:
    """Make sure that this session is of nobody else: in a pool it would outlive this run.

    Not every pooler shares them, and a server's own address may be one's too: they are told apart
    by asking twice who answers.
    """
    if _process(connection) == connection.info.backend_pid:
        return
    for _ in range(_TRIES):
        with closing(connect(address, where=where, name="tillpost")) as other:
            mine = _process(connection)
            with other.transaction():
                shared = _process(other) == mine or _process(connection) != mine
        if shared:
            raise UsageError(
                "a pooler that shares sessions stands before this PostgreSQL",
                where=where,
                why="the lock on the ledger would outlive a run that dies",
                fix="give the address of the server itself, or of a pooler in session mode",
            )


def _process(connection: psycopg.Connection) -> int | None:
    """The process of the server that answers."""
    row = connection.execute("select pg_backend_pid()").fetchone()
    return row[0] if row else None


def _key(schema: str) -> int:
    digest = blake2b(f"tillpost\0{schema}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _session_name(owner: Owner) -> str:
    """The owner in as many bytes as there are; the host's name comes last and may be cut."""
    name = f"tillpost {owner.run_id} {owner.command} {owner.pid} {owner.host}"
    return name.encode("ascii", "replace").decode()[:_LONGEST_NAME]


def _named(name: str | None, since: datetime | None) -> str:
    """The holder in words; another user's session does not tell since when it is there."""
    match (name or "").split(" ", 4):
        case ["tillpost", run_id, command, pid, host]:
            cut = "…" if len(name or "") == _LONGEST_NAME else ""
            begun = f", since {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if since else ""
            return f"run {run_id} ({command}, process {pid} on {host}{cut}{begun})"
        case _:
            return "another run"

"""PostgreSQL's errors in our words: nothing in them quotes a row or holds a password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tillpost.errors import TillpostError, TryLater, UsageError

_AGAIN = "run the same command again: what was written down before stays, and nothing is lost"
_WAIT = "run the same command again later"
_MEND_USER = "mend user and password, or have the server's pg_hba.conf let this user in from here"
_MEND_ADDRESS = (
    "host=… port=… dbname=… user=… password='…', or postgresql://user:password@host:port/dbname "
    "with % @ : / in a password written as %25 %40 %3A %2F"
)
_MEND_VALUE = "see what the columns hold: null in place of an error, which becomes a reason"
_LOST = "the connection to PostgreSQL was lost"
_DENIED = "42501"
# The class of names and grammar. Where the server points into the statement its message quotes that
# only; without a place it may quote a row: cast(email as tsquery) calls the address bad grammar.
_NAMES_AND_GRAMMAR = "42"
# These point nowhere and name what a statement of ours makes.
_MADE_BY_US = ("42P06", "42P07", "42P16", "42809")

Words = tuple[type[TillpostError], str, str]

_BY_STATE: dict[str, Words] = {
    "08P01": (
        UsageError,
        "what stands before PostgreSQL does not let this through",
        "give the address of the server itself, or of a pooler in session mode",
    ),
    "25P03": (TryLater, _LOST, _AGAIN),
    "25006": (
        UsageError,
        "this PostgreSQL is read-only: a standby, or one with default_transaction_read_only",
        "give the address of the primary server, or let this user write",
    ),
    "28000": (UsageError, "PostgreSQL does not let this user in", _MEND_USER),
    "28P01": (UsageError, "PostgreSQL does not accept this user and password", _MEND_USER),
    "3D000": (UsageError, "there is no such database", "mend dbname, or create the database"),
    "40001": (TryLater, "another session was in the way", _AGAIN),
    "40P01": (TryLater, "another session was in the way", _AGAIN),
    "53100": (UsageError, "the disk of PostgreSQL is full", f"make room on it, then {_AGAIN}"),
    "53200": (TryLater, "PostgreSQL has not enough memory", _WAIT),
    "53300": (TryLater, "PostgreSQL has no connection left", _WAIT),
    "55P03": (TryLater, "another session was in the way for longer than lock_timeout", _AGAIN),
    "57014": (
        UsageError,
        "PostgreSQL stopped a statement: somebody cancelled it, or statement_timeout is too short",
        "alter role … set statement_timeout = 0, then run the same command again",
    ),
    "57P03": (TryLater, "PostgreSQL is starting up or shutting down", _WAIT),
    "22012": (UsageError, "a division by zero", "divide by nullif(…, 0)"),
}
_BY_CLASS: dict[str, Words] = {
    "08": (TryLater, _LOST, _AGAIN),
    "22": (UsageError, "a value does not have the type or range that it is read as", _MEND_VALUE),
    "23": (UsageError, "a row breaks a constraint", ""),
    _NAMES_AND_GRAMMAR: (
        UsageError,
        "a value is taken for a name or for SQL, and is neither",
        "see what is cast to a reg… or ts… type, or handed to a function as a name",
    ),
    "53": (TryLater, "PostgreSQL lacks resources", _WAIT),
    "57": (TryLater, _LOST, _AGAIN),
    "58": (UsageError, "the disk of PostgreSQL fails", "ask who runs the server"),
}
# Before a session stands, libpq gives no SQLSTATE: what the server said is known by its words.
_TURNED_AWAY = (
    ("password authentication failed", _BY_STATE["28P01"]),
    ("authentication failed", _BY_STATE["28000"]),
    ("pg_hba.conf", _BY_STATE["28000"]),
    ("not permitted to log in", _BY_STATE["28000"]),
    ('role "', _BY_STATE["28000"]),
    (
        "permission denied for database",
        (
            UsageError,
            "this user may not connect to the database",
            "as its owner: grant connect on database … to …",
        ),
    ),
    ('database "', _BY_STATE["3D000"]),
    ("starting up", _BY_STATE["57P03"]),
    ("shutting down", _BY_STATE["57P03"]),
    ("recovery", _BY_STATE["57P03"]),
    ("not yet accepting", _BY_STATE["57P03"]),
    ("too many", _BY_STATE["53300"]),
    ("connection slots", _BY_STATE["53300"]),
)
_DENIED_THING = re.compile(r'for (?P<kind>table|view|materialized view|schema) "?(?P<name>\w+)"?')
_SERVER_SAYS = re.compile(r"FATAL:\s+(.+)")
_CONNECTING = re.compile(
    r"connection failed: |connection is bad: |failed to resolve host |could not translate host "
    r"|connection timeout expired|Multiple connection attempts"
)
_HOST = re.compile(r"server at \"(.+?)\"|on socket \"(.+?)\"|host name \"(.+?)\"|host '(.+?)'")
_PORT = re.compile(r"\"(?: \(.+?\))?, port (\d+) failed")
_UNREACHED = re.compile(
    r"Connection refused|Connection timed out|connection timeout expired|timeout expired"
    r"|Name or service not known|Temporary failure in name resolution|No address associated"
    r"|nodename nor servname|No route to host|Network is unreachable|No such file or directory"
    r"|Connection reset by peer|server closed the connection unexpectedly"
)
_ENCRYPTION = re.compile(r"SSL|certificate|GSSAPI")


@contextmanager
def in_words(
    *, where: str, schema: str = "…", user: str = "…", is_ledger: bool = False
) -> Iterator[None]:
    """Turn what PostgreSQL complains about into what a person can act on."""
    try:
        yield
    except psycopg.Error as error:
        raise words(error, where=where, schema=schema, user=user, is_ledger=is_ledger) from None


def words(
    error: psycopg.Error,
    *,
    where: str,
    schema: str = "…",
    user: str = "…",
    is_ledger: bool = False,
) -> TillpostError:
    """PostgreSQL's error in our form, without anything that may quote a row.

    Args:
        error: what psycopg raised.
        where: the file that the SQL stands in, or what else it is about.
        schema: the schema that rights are missing in.
        user: who lacks them.
        is_ledger: whether that schema is a ledger's, which must be written to.
    """
    state = error.sqlstate
    if state is None:
        return _without_state(error, where)
    said = error.diag.message_primary or ""
    if state == _DENIED:
        return UsageError(
            said or "a right is missing",
            where=where,
            fix=_grant(said, schema=schema, user=user, is_ledger=is_ledger),
        )
    if state in _MADE_BY_US or (
        state.startswith(_NAMES_AND_GRAMMAR) and error.diag.statement_position
    ):
        return UsageError(
            said or type(error).__name__, where=where, why=error.diag.message_hint or ""
        )
    known = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    kind, what, fix = known or (UsageError, "PostgreSQL fails here", "")
    return kind(what, where=where, why=f"{type(error).__name__}, SQLSTATE {state}", fix=fix)


def _without_state(error: psycopg.Error, where: str) -> TillpostError:
    """Of a session that does not come about, or ends without a last word."""
    message = str(error)
    if isinstance(error, psycopg.ProgrammingError) and "connection" in message:
        return unreadable(where)
    if not isinstance(error, psycopg.OperationalError):
        return UsageError("PostgreSQL fails here", where=where, why=type(error).__name__)
    if not _CONNECTING.search(message):
        return TryLater(_LOST, where=where, fix=_AGAIN)
    said = _SERVER_SAYS.findall(message)
    if said:
        refused = (UsageError, "PostgreSQL refuses the connection", "")
        found = (known for phrase, known in _TURNED_AWAY if phrase in said[-1])
        kind, what, fix = next(found, refused)
        return kind(what, where=where, why=said[-1], fix=fix)
    return _unanswered(message, where)


def _unanswered(message: str, where: str) -> TillpostError:
    """Of a session that the server had no word in: libpq's own may quote the address."""
    if "no password supplied" in message:
        return UsageError("PostgreSQL asks for a password", where=where, fix="give the password")
    if _ENCRYPTION.search(message):
        return UsageError(
            "this address and PostgreSQL do not agree on encryption",
            where=where,
            fix="mend sslmode and sslrootcert",
        )
    unreached = _UNREACHED.search(message)
    if not unreached:
        return unreadable(where)
    hosts = (next(filter(None, found)) for found in _HOST.findall(message))
    ports = [f", port {port}" for port in _PORT.findall(message)]
    host = ", ".join(dict.fromkeys(hosts)) + (ports[-1] if ports else "")
    return TryLater(
        f"PostgreSQL at {host} does not answer" if host else "PostgreSQL does not answer",
        where=where,
        why=unreached[0],
        fix="see that it runs and that host and port are right, then run the same command again",
    )


def unreadable(where: str) -> UsageError:
    """Of an address that libpq makes nothing of."""
    return UsageError(
        "the address of PostgreSQL cannot be used", where=where, fix=f"write it as {_MEND_ADDRESS}"
    )


def _grant(said: str, *, schema: str, user: str, is_ledger: bool) -> str:
    """What an owner has to grant so that this goes; of what is not ours, to read it."""
    denied = _DENIED_THING.search(said)
    if denied and not is_ledger and denied["kind"] != "schema":
        return f"as its owner: grant select on {denied['name']} to {user}"
    if denied and not is_ledger and denied["name"] != schema:
        return f"as its owner: grant usage on schema {denied['name']} to {user}"
    if "for table" in said or "for sequence" in said:
        rights = "grant select, insert, update, delete on all tables in schema"
        return f"as their owner: {rights} {schema} to {user}"
    if "for database" in said:
        return (
            f"as an administrator: create schema {schema} authorization {user}, "
            f"or grant create on database … to {user}"
        )
    return f"as its owner: grant usage, create on schema {schema} to {user}"

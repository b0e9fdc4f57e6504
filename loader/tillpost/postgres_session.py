"""A session in PostgreSQL: what models, ledger and lock have in common."""

import logging

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tillpost.postgres_errors import in_words, unreadable

# What psycopg logs is raised too, and logging prints what nobody listens to.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


def connect(address: str, *, where: str, name: str) -> psycopg.Connection:
    """Open a session in which each statement is a transaction and placeholders are $1, $2.

    Args:
        address: libpq's connection string; it may hold a password and is never shown.
        where: what messages call the place.
        name: what the server's lists call the session.
    """
    try:
        given = conninfo_to_dict(address)
    except psycopg.Error:
        raise unreadable(where) from None
    if "://" in address and any("@" in str(given.get(key)) for key in ("host", "dbname")):
        raise unreadable(where)
    # A server or a network that died is noticed within a minute.
    patience: dict[str, str | int | None] = {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    }
    with in_words(where=where):
        return psycopg.connect(
            make_conninfo("", **{**patience, **given, "application_name": name}),
            autocommit=True,
            cursor_factory=psycopg.RawCursor,
            prepare_threshold=None,
        )

"""The key of `keyed_digest`: what a profile calls so, and what databases get of it."""

import hashlib

from tillpost.errors import UsageError
from tillpost.redaction import hide

NAME = "digest_key"
SHORTEST = 16
_PARTS = "\x1f"
_LENGTH = 32


def session_key(secret: str, *, where: str) -> str:
    """What a database is given in the secret's place: hex, whatever the secret is written in.

    Raises:
        UsageError: the secret is short enough to be guessed by whoever has a digest.
    """
    if len(secret) < SHORTEST:
        raise UsageError(
            f'"{NAME}" is shorter than {SHORTEST} characters',
            where=where,
            why="short numbers hide behind the key alone, so nobody may guess it",
            fix="openssl rand -hex 32",
        )
    key = _sha256(f"tillpost {NAME}{_PARTS}{secret}")
    hide([key])
    return key


def keyed_digest(key: str, text: str) -> str:
    """What `keyed_digest` makes of a text without white space around it."""
    return _sha256(f"{key}{_PARTS}{_sha256(f'{key}{_PARTS}{text}')}")[:_LENGTH]


def fingerprint(key: str) -> str:
    """What tells one key from another and says nothing of either."""
    return keyed_digest(key, f"{_PARTS}the ledger")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()

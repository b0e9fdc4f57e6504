"""Personal values by their shape: at most a first letter of each stays."""

import re
from collections.abc import Iterable

_HASH = re.compile(r"[0-9a-fA-F]{64}\Z|[0-9a-fA-F]{40}\Z|[0-9a-fA-F]{32}\Z")
_EMAIL = re.compile(r"(?P<local>[^@\s]+)@(?P<domain>[^@\s]+)\Z")
_ENDING = re.compile(r"[a-z]{2,6}\Z", re.IGNORECASE)
_LONGEST = 24
# What is so short, or of so few values, that its first letter would be all of it.
_WHOLLY = {"gen", "ge", "country", "st", "user_keys"}


def shape(value: object, *, kind: str) -> str:
    """A personal value as it may be shown: ``j***@e***.com``, ``+** *** ****``, ``M***``."""
    text = str(value)
    if _HASH.match(text):
        return hash_shape(text)
    if found := _EMAIL.match(text):
        return f"{_first(found['local'])}@{_domain(found['domain'])}"
    if kind in _WHOLLY:
        return "***"
    if any(sign.isdigit() for sign in text):
        stars = "".join("*" if sign.isalnum() else sign for sign in text[:_LONGEST])
        return stars + ("…" if len(text) > _LONGEST else "")
    return _first(text)


def hash_shape(text: str) -> str:
    """A hash by its length and its first signs."""
    return f"{len(text)} hex {text[:8].lower()}…"


def shapes(values: Iterable[object], *, kind: str) -> tuple[str, ...]:
    """The shapes of those that are there."""
    return tuple(shape(value, kind=kind) for value in values if value is not None)


def _domain(text: str) -> str:
    host, _, ending = text.rpartition(".")
    shown = _first(host or text)
    return f"{shown}.{ending}" if host and _ENDING.match(ending) else shown


def _first(text: str) -> str:
    """The first letter, unless it would be half of the text or more."""
    return f"{text[0]}***" if len(text) > 2 and text[0].isalpha() else "***"  # noqa: PLR2004

"""The types that matter, and which of them go together."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from sqlglot import exp
from sqlglot.errors import SqlglotError


class Type(StrEnum):
    """What a value is; the words are for messages.

    All widths of numbers are one, and so are timestamps with and without a zone. A text that is
    written out (``LITERAL``) becomes whatever is wanted where it stands, and so does null.
    """

    TEXT = "a text"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    DATE = "a date"
    TIMESTAMP = "a timestamp"
    TIME = "a time of day"
    INTERVAL = "an interval"
    UUID = "a UUID"
    BLOB = "a blob"
    LITERAL = "a text that is written out"
    NULL = "null"


Known = Type | None
"""A type, where it is known."""

CASTS = {
    Type.TEXT: "varchar",
    Type.NUMBER: "decimal(18, 2)",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.TIMESTAMP: "timestamp",
    Type.TIME: "time",
    Type.INTERVAL: "interval",
    Type.UUID: "uuid",
    Type.BLOB: "blob",
}
"""What to cast to, to have such a value."""

_ANY = frozenset((None, Type.LITERAL, Type.NULL))
_NUMBERS = frozenset((Type.NUMBER, Type.BOOLEAN))
_MOMENTS = frozenset((Type.DATE, Type.TIMESTAMP))
_BYTES = frozenset((Type.UUID, Type.BLOB))
_KINDS = exp.DataType.Type
_BY_NAME: dict[object, Type] = {
    **dict.fromkeys(exp.DataType.TEXT_TYPES, Type.TEXT),
    **dict.fromkeys(exp.DataType.NUMERIC_TYPES, Type.NUMBER),
    _KINDS.BOOLEAN: Type.BOOLEAN,
    **dict.fromkeys((_KINDS.DATE, _KINDS.DATE32), Type.DATE),
    **dict.fromkeys(
        (_KINDS.TIMESTAMP, _KINDS.TIMESTAMPTZ, _KINDS.TIMESTAMPNTZ, _KINDS.TIMESTAMPLTZ),
        Type.TIMESTAMP,
    ),
    _KINDS.TIME: Type.TIME,
    _KINDS.INTERVAL: Type.INTERVAL,
    _KINDS.UUID: Type.UUID,
    **dict.fromkeys((_KINDS.BLOB, _KINDS.VARBINARY, _KINDS.BINARY), Type.BLOB),
}


def type_of(node: object) -> Known:
    """The type that a cast or a column's declaration names."""
    return _BY_NAME.get(node.this) if isinstance(node, exp.DataType) else None


@cache
def type_named(written: str) -> Known:
    """The type that somebody wrote, of whatever engine; unknown where it is none."""
    if not written:
        return None
    try:
        return type_of(exp.DataType.build(written, dialect="duckdb"))
    except (SqlglotError, ValueError):
        return None


def is_free(found: Known) -> bool:
    """Whether a value is of no type that is known, or becomes what is wanted of it."""
    return found in _ANY


def are_comparable(one: Known, other: Known) -> bool:
    """Whether two values have an order, or may stand for each other in one column."""
    if is_free(one) or is_free(other):
        return True
    return one == other or {one, other} in (_NUMBERS, _MOMENTS)


def are_convertible(one: Known, other: Known) -> bool:
    """Whether any value of one type can be of the other: a text can be whatever it spells."""
    return Type.TEXT in (one, other) or {one, other} == _BYTES or are_comparable(one, other)


def merged(types: Iterable[Known]) -> Known:
    """The type of a value that is one of several."""
    found = {each for each in types if each is not Type.NULL}
    if Type.LITERAL in found and len(found) > 1:
        found.discard(Type.LITERAL)
    return found.pop() if len(found) == 1 else None

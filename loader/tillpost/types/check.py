"""The check: from the types that the sources are known to have through every model."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from tillpost.errors import UsageError
from tillpost.privacy import Query
from tillpost.privacy.tables import table_key
from tillpost.types.expressions import Intrinsics
from tillpost.types.families import Known, Type, is_free, type_of
from tillpost.types.queries import Queries
from tillpost.types.scopes import UNKNOWN, Relation
from tillpost.types.telling import Telling

_PLAIN = re.compile(r"\w+(\.\w+)*")
_DIGEST = (frozenset((Type.UUID, Type.TEXT)), "a UUID", Type.UUID)
_SECONDS = (frozenset((Type.NUMBER,)), "a number: seconds since 1970", Type.NUMBER)
CONTRACT = {
    **dict.fromkeys(("event_key", "sale_key", "payload_digest"), _DIGEST),
    **dict.fromkeys(("event_time", "sendable_until"), _SECONDS),
    "payload": (frozenset((Type.TEXT,)), "a text: the event as JSON", Type.TEXT),
}
"""What the loader takes from the columns of the final view."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What is known of a relation that no model makes.

    Args:
        relation: as models read it: a dotted name, or a call.
        types: of the columns that are known.
        is_open: whether it may have others.
        rest: the type of those others.
    """

    relation: str
    types: Mapping[str, Known] = field(default_factory=dict)
    is_open: bool = True
    rest: Known = None


@dataclass(frozen=True, kw_only=True)
class Followed:
    """The relations with the types of their columns, and what is of a wrong type."""

    relations: Mapping[str, Relation]
    errors: tuple[UsageError, ...]


def declared_by(schema: exp.Schema) -> Declared:
    """A table as the statement that creates it declares it."""
    columns = (each for each in schema.expressions if isinstance(each, exp.ColumnDef))
    types = {each.name: type_of(each.args.get("kind")) for each in columns}
    return Declared(relation=table_key(schema.this), types=types, is_open=False)


def follow_types(
    queries: Iterable[Query], declared: Iterable[Declared], intrinsics: Intrinsics
) -> Followed:
    """Follow the types through every query; all that is wrong is told at once.

    Args:
        queries: the models in their order, and whatever reads them.
        declared: the sources and seeds.
        intrinsics: what the project's intrinsics take and give, as far as they say.
    """
    known = _declared(declared)
    errors: list[UsageError] = []
    for query in queries:
        tell = Telling(query)
        try:
            found = Queries(tell, known, intrinsics).relation(query.tree)
        except RecursionError:  # the proof tells of it
            found = UNKNOWN
        if query.leaves:
            _check_contract(query, found, tell)
        known[query.relation.lower()] = found
        errors += tell.errors
    return Followed(relations=known, errors=tuple(errors))


def _declared(declared: Iterable[Declared]) -> dict[str, Relation]:
    """The sources and seeds by how SQL reads them; of two that are one file both hold."""
    known: dict[str, Relation] = {}
    for each in declared:
        key = _key(each.relation)
        columns = tuple((name.strip('"').lower(), found) for name, found in each.types.items())
        before = known.get(key, Relation())
        rest = each.rest if key not in known or before.rest is each.rest else None
        known[key] = Relation(columns=before.columns + columns, is_open=each.is_open, rest=rest)
    return known


def _key(relation: str) -> str:
    """How the trees of its readers name a relation."""
    if _PLAIN.fullmatch(relation):
        return relation.lower()
    tree = sqlglot.parse_one(f"select * from {relation}", dialect="duckdb")
    return table_key(tree.args["from_"].this)


def _check_contract(query: Query, found: Relation, tell: Telling) -> None:
    nodes = query.tree.selects if isinstance(query.tree, exp.Query) else []
    given = {each.alias_or_name.lower(): each for each in nodes}
    for name, (types, wanted, target) in CONTRACT.items():
        it = found.column(name)
        if not is_free(it) and it not in types:
            tell.column(given.get(name, query.tree), name, it, wanted, target)

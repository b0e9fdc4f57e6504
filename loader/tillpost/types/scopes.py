"""Names and their types: the columns of relations, and of the selects around an expression."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlglot import exp

from tillpost.types.families import Known, Type, merged

# Names that stand for a row's place in a file, whatever its columns are.
_PLACES = frozenset(("rowid", "file_row_number", "file_index"))


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A table, a file, a model or a part of a query.

    Args:
        columns: those that are known, in their order.
        is_open: whether there may be others.
        rest: the type of those others.
    """

    columns: tuple[tuple[str, Known], ...] = ()
    is_open: bool = False
    rest: Known = None

    @cached_property
    def types(self) -> dict[str, Known]:
        """The type of each column; unknown where two of one name differ."""
        found: dict[str, set[Known]] = {}
        for name, each in self.columns:
            found.setdefault(name, set()).add(_stored(each))
        return {name: types.pop() if len(types) == 1 else None for name, types in found.items()}

    def has(self, name: str) -> bool:
        """Whether it has a column for certain."""
        return name in self.types

    def column(self, name: str) -> Known:
        """The type of a column, or of what may be one."""
        if name in self.types:
            return self.types[name]
        return self.rest if self.is_open and name not in _PLACES else None

    def renamed(self, names: list[str]) -> "Relation":
        """With the names of `as t(a, b)` for its first columns."""
        if self.is_open:
            return UNKNOWN
        given = zip(names, (each for _, each in self.columns), strict=False)
        return replace(self, columns=(*given, *self.columns[len(names) :]))


def _stored(found: Known) -> Known:
    """A type as it is read from a relation: what is written out is a text from there on."""
    return {Type.LITERAL: Type.TEXT, Type.NULL: None}.get(found, found) if found else None


UNKNOWN = Relation(is_open=True)


@dataclass(kw_only=True)
class Scope:
    """One select: its relations, the names that it gave so far, and the selects around it.

    ``shared`` are the columns of a `using`, of which a star has one.
    """

    ctes: Mapping[str, Relation]
    parent: "Scope | None" = None
    tables: dict[str, Relation] = field(default_factory=dict)
    aliases: dict[str, Known] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)

    def column(self, node: exp.Column) -> Known:
        """The type of a column; unknown where its name could mean several."""
        if node.args.get("db"):
            return None
        name = node.name.lower()
        found = list(self._qualified(node.table.lower(), name) if node.table else self._alone(name))
        return found[0] if len(set(found)) == 1 else None

    def _qualified(self, table: str, name: str) -> Iterator[Known]:
        if table in self.tables:
            yield self.tables[table].column(name)
        elif self.parent:
            yield from self.parent._qualified(table, name)  # noqa: SLF001  its own kind

    def _alone(self, name: str) -> Iterator[Known]:
        certain = [each for each in self.tables.values() if each.has(name)]
        yield from (each.column(name) for each in certain)
        if certain:
            return
        if name in self.tables:
            yield None  # a whole row
        yield from (each.column(name) for each in self.tables.values() if each.is_open)
        if name in self.aliases:
            yield self.aliases[name]
        elif self.parent:
            yield from self.parent._alone(name)  # noqa: SLF001  its own kind


def by_place(left: Relation, right: Relation) -> Relation:
    """What a union, an intersection or a difference has, by place."""
    if left.is_open or right.is_open or len(left.columns) != len(right.columns):
        return UNKNOWN
    pairs = zip(left.columns, right.columns, strict=True)
    return Relation(
        columns=tuple(
            (name, merged(map(_written, (one, other)))) for (name, one), (_, other) in pairs
        )
    )


def _written(found: Known) -> Known:
    return Type.TEXT if found is Type.LITERAL else found

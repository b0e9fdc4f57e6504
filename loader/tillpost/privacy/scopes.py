"""Where an expression stands: the relations around it, and what is found on the walk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from tillpost.errors import Place, UsageError
from tillpost.privacy.places import place_of
from tillpost.privacy.relations import Filters, Looked, Relation, both
from tillpost.privacy.traces import Traces, merged, uncleared
from tillpost.project.yaml_file import did_you_mean

if TYPE_CHECKING:
    from tillpost.privacy.rules import Rules

NAME_THEM = "name the columns that are needed"
NAME_IT = "name it as its relation does; struct fields are not followed"
NOT_FOLLOWED = "what the proof cannot follow could carry personal data"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A `where` that looks at tagged columns: allowed, and told."""

    model: str
    place: str
    columns: tuple[str, ...]


@dataclass(kw_only=True)
class Walk:
    """One model on its way through the proof; what is wrong with it is collected."""

    model: str
    path: str
    rules: "Rules"
    plain_lines: frozenset[int] = frozenset()
    errors: list[UsageError] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)

    def place(self, node: exp.Expr | None) -> Place:
        """Where a node stands in the model's file."""
        return place_of(node, path=self.path, plain_lines=self.plain_lines)

    def refuse(
        self, node: exp.Expr, what: str, *, why: str = NOT_FOLLOWED, fix: str = NAME_THEM
    ) -> Traces:
        """Tell of what cannot be followed; it is never taken for harmless."""
        error = UsageError(what, where=self.place(node), why=why, fix=fix)
        if str(error) not in map(str, self.errors):
            self.errors.append(error)
        return ()

    def forbid(self, node: exp.Expr, use: str, traces: Traces) -> None:
        """Tell of a tagged column in a place where it decides something."""
        told = uncleared(traces)
        if not told:
            return
        first, *others = [each.route for each in told]
        self.errors.append(
            UsageError(
                f"{use} {first} is not allowed",
                where=self.place(node),
                why="\n".join(
                    ["where it decides something, the result tells of it", *dict.fromkeys(others)]
                ),
                fix="use its hash, or a key that is not personal",
            )
        )

    def note(self, node: exp.Expr, traces: Traces) -> Filters:
        """List a filter on tagged columns, and hand it back."""
        told = uncleared(traces)
        if told:
            columns = tuple(sorted({str(each.origin) for each in told}))
            found = Filter(model=self.model, place=str(self.place(node)), columns=columns)
            if found not in self.filters:
                self.filters.append(found)
        return (Looked(place=str(self.place(node)), traces=told),) if told else ()


@dataclass(kw_only=True)
class Scope:
    """One select: its relations, the names it gave so far, and the selects around it."""

    walk: Walk
    ctes: Mapping[str, Relation]
    parent: "Scope | None" = None
    tables: dict[str, Relation] = field(default_factory=dict)
    aliases: dict[str, Traces] = field(default_factory=dict)
    shared: dict[str, Traces] = field(default_factory=dict)

    @property
    def grouped(self) -> Traces:
        """What decides how many rows its relations have."""
        return merged(*(each.grouped for each in self.tables.values()))

    @property
    def filtered(self) -> Filters:
        """The filters that the rows of its relations passed."""
        return both(*(each.filtered for each in self.tables.values()))

    def column(self, node: exp.Column) -> Traces:
        """What a column carries, by the rules of SQL for names; never a guess."""
        name = node.name.lower()
        if isinstance(node.this, exp.Star):
            return self.walk.refuse(node, "the proof does not understand a star in this place")
        if node.args.get("db") or node.args.get("catalog"):
            what = f'"{node.name}" has more than a relation before its name'
            return self.walk.refuse(node, what, fix="name it relation.column")
        found = self._qualified(node) if node.table else self._alone(node, name)
        if found is not None:
            return found
        if name in self._names():
            what = f'"{node.name}" as a value is the whole row of a relation'
            return self.walk.refuse(node, what)
        if self._is_about_unknown(node):
            return ()
        near = did_you_mean(name, self._columns())
        what = f'there is no column "{node.sql()}" here'
        return self.walk.refuse(node, what, why="", fix=near or NAME_IT)

    def _is_about_unknown(self, node: exp.Column) -> bool:
        """Whether a relation is missing, which was told, so that the column had to be."""
        named = [node.table.lower()] if node.table.lower() in self.tables else list(self.tables)
        found = any(self.tables[alias].is_unknown for alias in named)
        return found or (self.parent is not None and self.parent._is_about_unknown(node))  # noqa: SLF001  its own kind

    def _columns(self) -> list[str]:
        return [column.name for each in self.tables.values() for column in each.columns]

    def owner(self, node: exp.Column) -> "tuple[int, str] | None":
        """Which relation a column is of: how many selects further out, and its name there."""
        scope: Scope | None = self
        depth = 0
        while scope:
            if node.table:
                if node.table.lower() in scope.tables:
                    return depth, node.table.lower()
            else:
                owners = scope.owners(node.name.lower())
                if owners:
                    return depth, owners[0]
            scope, depth = scope.parent, depth + 1
        return None

    def has(self, name: str) -> bool:
        """Whether a relation here has a column for certain; a raw file may have any."""
        return any(each.has(name) for each in self.tables.values())

    def named(self, name: str) -> Traces:
        """What carries a name for certain, here and further out."""
        certain = (each.column(name) or () for each in self.tables.values() if each.has(name))
        outer = self.parent.named(name) if self.parent else ()
        return merged(*certain, self.aliases.get(name, ()), outer)

    def owners(self, name: str) -> list[str]:
        """The relations that have a column; else those of which it may be."""
        certain = [alias for alias, each in self.tables.items() if each.has(name)]
        return certain or [alias for alias, each in self.tables.items() if each.is_open]

    def _qualified(self, node: exp.Column) -> Traces | None:
        table, name = node.table.lower(), node.name.lower()
        relation = self.tables.get(table)
        if relation is None:
            return self.parent._qualified(node) if self.parent else None  # noqa: SLF001  its own kind
        found = relation.column(name)
        # Where no column has the name, it may be a field of a struct that is named as the relation.
        return found if found is None or relation.has(name) else merged(found, self.named(table))

    def _alone(self, node: exp.Column, name: str) -> Traces | None:
        if name in self.shared:
            return self.shared[name]
        owners = self.owners(name)
        is_certain = self.has(name)
        if not is_certain and name in self._names():
            return None
        if len(owners) > 1:
            what = f'"{node.name}" can be of {" and of ".join(owners)}'
            self.walk.refuse(node, what, fix=f"name its relation: {owners[0]}.{node.name}")
        found = [self.tables[alias].column(name) or () for alias in owners]
        if is_certain:
            return merged(*found)
        # A raw file may have it or not: else it is a name of this select, or of one around it.
        if name in self.aliases:
            found.append(self.aliases[name])
        outer = self.parent._alone(node, name) if self.parent else None  # noqa: SLF001  as above
        if outer is not None:
            found.append(outer)
        return merged(*found) if found else None

    def _names(self) -> Iterator[str]:
        yield from self.tables
        if self.parent:
            yield from self.parent._names()  # noqa: SLF001  as above

"""Stars: all columns of a relation, as far as they are known."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlglot import exp

from tillpost.privacy.expressions import Expressions
from tillpost.privacy.relations import Column
from tillpost.privacy.scopes import NAME_THEM, Scope
from tillpost.privacy.traces import Traces, merged
from tillpost.project.yaml_file import did_you_mean


def is_star(node: exp.Expr) -> bool:
    """Whether an entry of a select is `*` or `t.*`."""
    return isinstance(node, exp.Star) or (
        isinstance(node, exp.Column) and isinstance(node.this, exp.Star)
    )


class Expansion:
    """Writes out the stars of one select."""

    def __init__(self, scope: Scope, expressions: Expressions) -> None:
        """Remember the select."""
        self._scope = scope
        self._expressions = expressions

    def columns(self, node: exp.Expr, counted: Callable[[exp.Expr], Traces]) -> Iterator[Column]:
        """The columns that a star stands for.

        Args:
            node: the star.
            counted: what an expression tells by how many rows there are.
        """
        star = node.this if isinstance(node, exp.Column) else node
        if star.args.get("ilike"):
            self._scope.walk.refuse(node, "the proof does not understand a star with a pattern")
        left_out = {_named(each) for each in star.args.get("except_") or ()}
        replaced = {each.alias.lower(): each.this for each in star.args.get("replace") or ()}
        renamed = {_named(each.this): each.alias.lower() for each in star.args.get("rename") or ()}
        place = self._scope.walk.place(node)
        known = list(self._all(node))
        # A raw file may have a column that nobody declared: it is named here, and so it is known.
        missing = {*replaced, *(name for _, name in renamed)} - {each.name for _, each in known}
        known += [("", Column(name=name)) for name in sorted(missing) if self.is_open(node)]
        for alias, each in known:
            names = {("", each.name), (alias, each.name)}
            if names & left_out:
                continue
            if each.name in replaced:
                one = replaced[each.name]
                made = merged(self._expressions.traces(one, self._scope), counted(one))
                yield Column(name=each.name, traces=made, place=place)
            else:
                name = next((renamed[one] for one in names & renamed.keys()), each.name)
                yield Column(name=name, traces=each.traces, place=place)

    def is_open(self, node: exp.Expr) -> bool:
        """Whether a star stands for columns that nobody declared."""
        tables = self._scope.tables
        if isinstance(node, exp.Column):
            relation = tables.get(node.table.lower())
            return relation.is_open if relation is not None else self.is_unknown
        return any(each.is_open for each in tables.values())

    @property
    def is_unknown(self) -> bool:
        """Whether a relation that it may be about is missing, which was told."""
        return any(each.is_unknown for each in self._scope.tables.values())

    def _all(self, node: exp.Expr) -> Iterator[tuple[str, Column]]:
        """Its columns, each with the name of the relation that it is of."""
        tables = self._scope.tables
        if isinstance(node, exp.Column):
            relation = tables.get(node.table.lower())
            if relation is not None:
                yield from ((node.table.lower(), each) for each in relation.columns)
            elif not self.is_unknown:
                what = f'there is no relation "{node.table}" here'
                near = did_you_mean(node.table.lower(), tables)
                self._scope.walk.refuse(node, what, why="", fix=near or NAME_THEM)
            return
        shared: set[str] = set()
        for alias, relation in tables.items():
            for each in relation.columns:
                if each.name in shared:
                    continue
                if each.name in self._scope.shared:
                    shared.add(each.name)
                    yield "", replace(each, traces=self._scope.shared[each.name])
                else:
                    yield alias, each


def _named(node: exp.Expr) -> tuple[str, str]:
    """A column as a star's `exclude` or `rename` names it: its relation, if that is told."""
    return (node.table if isinstance(node, exp.Column) else "").lower(), node.name.lower()

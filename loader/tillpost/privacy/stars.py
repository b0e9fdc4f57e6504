"""Stars: all columns of a relation, as far as they are known."""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from tillpost.privacy.expressions import Expressions
from tillpost.privacy.relations import Column
from tillpost.privacy.scopes import NAME_THEM, Scope
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

    def columns(self, node: exp.Expr) -> Iterator[Column]:
        """The columns that a star stands for."""
        star = node.this if isinstance(node, exp.Column) else node
        if star.args.get("ilike"):
            self._scope.walk.refuse(node, "the proof does not understand a star with a pattern")
        left_out = {each.name.lower() for each in star.args.get("except_") or ()}
        replaced = {each.alias.lower(): each.this for each in star.args.get("replace") or ()}
        renamed = {
            each.this.name.lower(): each.alias.lower() for each in star.args.get("rename") or ()
        }
        place = self._scope.walk.place(node)
        known = list(self._all(node))
        # A raw file may have a column that nobody declared: it is named here, and so it is known.
        missing = {*replaced, *renamed} - {each.name for each in known}
        known += [Column(name=name) for name in sorted(missing) if self.is_open(node)]
        for each in known:
            if each.name in left_out:
                continue
            if each.name in replaced:
                made = self._expressions.traces(replaced[each.name], self._scope)
                yield Column(name=each.name, traces=made, place=place)
            else:
                yield replace(each, name=renamed.get(each.name, each.name), place=place)

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

    def _all(self, node: exp.Expr) -> Iterator[Column]:
        tables = self._scope.tables
        if isinstance(node, exp.Column):
            relation = tables.get(node.table.lower())
            if relation is not None:
                yield from relation.columns
            elif not self.is_unknown:
                what = f'there is no relation "{node.table}" here'
                near = did_you_mean(node.table.lower(), tables)
                self._scope.walk.refuse(node, what, why="", fix=near or NAME_THEM)
            return
        shared: set[str] = set()
        for relation in tables.values():
            for each in relation.columns:
                if each.name in shared:
                    continue
                if each.name in self._scope.shared:
                    shared.add(each.name)
                    yield replace(each, traces=self._scope.shared[each.name])
                else:
                    yield each

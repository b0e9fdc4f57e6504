"""Joins: what a relation that is looked up by personal data tells about it."""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from tillpost.privacy.expressions import Expressions
from tillpost.privacy.relations import Filters, both
from tillpost.privacy.scopes import Scope
from tillpost.privacy.traces import Stage, Trace, Traces, changed, merged, origins, uncleared


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of a condition that must all hold."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        yield from conjuncts(node.this)
        yield from conjuncts(node.expression)
    else:
        yield node


def spans_relations(node: exp.Expr, scope: Scope) -> bool:
    """Whether a condition compares columns of several relations: then it is a join."""
    return len({owner for each in _columns(node) if (owner := scope.owner(each))}) > 1


class Joins:
    """Follows the conditions of joins."""

    def __init__(self, expressions: Expressions) -> None:
        """Remember who follows expressions."""
        self._expressions = expressions

    def on(self, condition: exp.Expr, scope: Scope, *, joined: str, side: str) -> Filters:
        """Follow the condition of a join; what of it filters rows comes back.

        Args:
            condition: what stands behind `on`.
            scope: with the joined relation in it already.
            joined: the name of that relation.
            side: LEFT, RIGHT, FULL or nothing.
        """
        parts = (self._part(each, scope, joined=joined, side=side) for each in conjuncts(condition))
        return both(*parts)

    def where(self, part: exp.Expr, scope: Scope) -> None:
        """Follow a part of a `where` that compares relations: a join in another place."""
        own = [name for each in _columns(part) if (name := _here(each, scope))]
        self._part(part, scope, joined=own[-1] if own else "", side="")

    def using(self, name: str, scope: Scope, *, joined: str, node: exp.Expr) -> Filters:
        """Follow one column of a join's `using`."""
        asked: Filters = ()
        key = name.lower()
        before = {alias: each for alias, each in scope.tables.items() if alias != joined}
        others = [found for each in before.values() if (found := each.column(key)) is not None]
        own = scope.tables[joined].column(key)
        if own is None or not others:
            scope.walk.refuse(node, f'there is no column "{name}" on both sides')
            return ()
        left = merged(*others) if key not in scope.shared else scope.shared[key]
        if uncleared(merged(left, own)):
            aliases = {alias for alias, each in before.items() if each.column(key) is not None}
            asked = self._tagged(
                node,
                scope,
                left=left,
                right=own,
                aliases={*aliases, joined},
                joined=joined,
                side="",
            )
        scope.shared[key] = merged(left, own)
        return asked

    def _part(self, part: exp.Expr, scope: Scope, *, joined: str, side: str) -> Filters:
        traces = self._expressions.traces
        if isinstance(part, exp.EQ):
            left, right = traces(part.this, scope), traces(part.expression, scope)
        else:
            left, right = traces(part, scope), ()
        if not uncleared(merged(left, right)):
            return ()
        owners = {owner for each in _columns(part) if (owner := scope.owner(each))}
        if any(depth for depth, _ in owners):
            scope.walk.forbid(part, "a join by", merged(left, right))
            return ()
        aliases = {name for _, name in owners}
        if len(aliases) == 1 and side != "FULL":
            return self._one_sided(part, scope, merged(left, right), joined=joined, side=side)
        return self._tagged(
            part, scope, left=left, right=right, aliases=aliases, joined=joined, side=side
        )

    def _one_sided(
        self, part: exp.Expr, scope: Scope, asked: Traces, *, joined: str, side: str
    ) -> Filters:
        """A filter among the conditions of a join."""
        told = changed(asked, "decides in a join", scope.walk.place(part))
        others = [alias for alias in scope.tables if alias != joined]
        for alias in {"LEFT": [joined], "RIGHT": others}.get(side, []):
            _tag(scope, alias, told)
        return scope.walk.note(part, asked)

    def _tagged(  # noqa: PLR0913  a condition and what stands on its two sides, each by name
        self,
        part: exp.Expr,
        scope: Scope,
        *,
        left: Traces,
        right: Traces,
        aliases: set[str],
        joined: str,
        side: str,
    ) -> Filters:
        """A condition on tagged columns that joins relations."""
        asked = uncleared(merged(left, right))
        seeds = {alias for alias in aliases if scope.tables[alias].is_seed}
        place = scope.walk.place(part)
        if seeds and len(aliases - seeds) <= 1:
            for alias in seeds:
                _tag(scope, alias, merged(_looked_up(asked)))
            return scope.walk.note(part, asked) if side != "LEFT" else ()
        is_plain = isinstance(part, exp.EQ | exp.Identifier | exp.Column) and joined in aliases
        if is_plain and uncleared(left) and _same_origins(left, right):
            _look_up_spelling(scope, joined, changed(asked, "decides in a join", place), side=side)
        else:
            scope.walk.forbid(part, "a join by", asked)
        return ()


def _looked_up(asked: Traces) -> Iterator[Trace]:
    """The tag on what a seed says of a value."""
    for trace in asked:
        yield replace(trace, stage=Stage.RAW, by="", key="")


def _look_up_spelling(scope: Scope, joined: str, asked: Traces, *, side: str) -> None:
    """A relation is joined by the very column that it was made of.

    What is made of that column there tells nothing new; all else would tell which rows share it.
    """
    relation = scope.tables[joined]
    columns = tuple(
        each
        if origins(asked) <= origins(each.traces)
        else replace(each, traces=merged(each.traces, asked))
        for each in relation.columns
    )
    # Grouped by that column it has one row a value at most, and does not multiply the others.
    is_one = side == "LEFT" and origins(asked) <= origins(relation.grouped)
    scope.tables[joined] = replace(
        relation,
        columns=columns,
        rest=merged(relation.rest, asked) if relation.is_open else (),
        grouped=() if is_one else merged(relation.grouped, asked),
    )


def _tag(scope: Scope, alias: str, traces: Traces) -> None:
    scope.tables[alias] = scope.tables[alias].tagged(traces)


def _here(column: exp.Column, scope: Scope) -> str:
    owner = scope.owner(column)
    return owner[1] if owner and owner[0] == 0 else ""


def _columns(node: exp.Expr) -> list[exp.Column]:
    return list(node.find_all(exp.Column))


def _same_origins(first: Traces, second: Traces) -> bool:
    """Whether two values are of the very same tagged columns."""
    return origins(uncleared(first)) == origins(uncleared(second))

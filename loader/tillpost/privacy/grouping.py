"""Grouping: how many rows there are tells of what they are grouped by."""

from dataclasses import replace

from sqlglot import exp

from tillpost.privacy.expressions import Expressions
from tillpost.privacy.relations import Column
from tillpost.privacy.scopes import Scope, Walk
from tillpost.privacy.stars import is_star
from tillpost.privacy.traces import Traces, changed, merged, uncleared

SETS = (exp.GroupingSets, exp.Cube, exp.Rollup, exp.Tuple, exp.Paren)


class Grouping:
    """Follows the groups of one model's selects."""

    def __init__(self, walk: Walk, expressions: Expressions) -> None:
        """Remember who follows expressions."""
        self._walk = walk
        self._expressions = expressions

    def counted(self, node: exp.Expr, scope: Scope, keys: Traces) -> Traces:
        """What a value tells by how many rows there are."""
        told, inside = uncleared(keys), uncleared(scope.grouped)
        if not (told or inside):
            return ()
        if self._expressions.is_aggregate(node, scope):
            asked = merged(told, inside)
        else:
            asked = () if node.find(exp.Column) else told
        return changed(asked, "decides in a group by", self._walk.place(node))

    def keys(self, node: exp.Select, scope: Scope) -> Traces:
        """What a select is grouped by carries."""
        group = node.args.get("group")
        if group is None:
            return ()
        waiting = list(group.iter_expressions())
        found: Traces = ()
        while waiting:
            each = waiting.pop()
            if isinstance(each, SETS):
                waiting += list(each.iter_expressions())
                continue
            found = merged(found, self._key(each, node, scope))
        return found

    def _key(self, key: exp.Expr, node: exp.Select, scope: Scope) -> Traces:
        """What a number or a name of the select stands for, else the expression itself."""
        if isinstance(key, exp.Literal) and not key.is_string:
            place = int(key.this) if str(key.this).isdigit() else 0
            if 1 <= place <= len(node.expressions) and not any(map(is_star, node.expressions)):
                return self._expressions.traces(node.expressions[place - 1], scope)
            self._walk.refuse(key, "the proof does not know this place of the select")
        if isinstance(key, exp.Column) and not key.table and not scope.has(key.name.lower()):
            for each in node.expressions:
                if isinstance(each, exp.Alias) and each.alias.lower() == key.name.lower():
                    return self._expressions.traces(each.this, scope)
        return self._expressions.traces(key, scope)

    def by_all(
        self, node: exp.Select, columns: tuple[Column, ...], scope: Scope
    ) -> tuple[Traces, tuple[Column, ...]]:
        """The keys and columns of a select that is grouped by all that is no aggregate."""
        if any(map(is_star, node.expressions)):
            self._walk.refuse(node.args["group"], "the proof does not know all of a star")
            return (), columns
        both = list(zip(node.expressions, columns, strict=True))
        keys = merged(
            *(each.traces for one, each in both if not self._expressions.is_aggregate(one, scope))
        )
        counted = (
            replace(each, traces=merged(each.traces, self.counted(one, scope, keys)))
            for one, each in both
        )
        return keys, tuple(counted)

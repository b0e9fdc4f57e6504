"""What an expression makes of the personal data in it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches

from sqlglot import exp

from tillpost.privacy.calls import call
from tillpost.privacy.choices import absorbed, unit, words
from tillpost.privacy.functions import (
    AGGREGATES,
    CHOOSING,
    COMPUTING,
    NAMES,
    SAME_NULLS,
    SILENT,
    WRITING,
)
from tillpost.privacy.relations import Relation
from tillpost.privacy.scopes import Scope
from tillpost.privacy.traces import Traces, answered, changed, exact, merged

INTRINSIC = "tillpost__"
_KNOWN_FUNCTIONS = [*map(str.lower, exp.FUNCTION_BY_NAME), *NAMES]
EMPTY_TEXTS = ("", "{}", "[]")
Query = Callable[[exp.Expr, Scope], Relation]


class Expressions:
    """Follows expressions; subqueries are followed by whoever follows queries."""

    def __init__(self, query: Query) -> None:
        """Remember who follows queries."""
        self._query = query
        self._by_type: dict[type[exp.Expr], Callable[[exp.Expr, Scope], Traces]] = {
            exp.Column: self._column,
            exp.Alias: self._inside,
            exp.Paren: self._inside,
            exp.Cast: self._cast,
            exp.TryCast: self._computed,
            exp.Nullif: self._nullif,
            exp.Case: self._case,
            exp.If: self._case,
            exp.Is: self._is,
            exp.Anonymous: self._anonymous,
            exp.AnonymousAggFunc: self._anonymous,
            exp.Count: self._count,
            exp.Window: self._window,
            exp.WindowSpec: self._computed,
            exp.Filter: self._computed,
            exp.Where: self._inside,
            exp.IgnoreNulls: self._inside,
            exp.RespectNulls: self._inside,
            exp.Order: self._ordered,
            exp.WithinGroup: self._within_group,
            exp.In: self._in,
            exp.Subquery: self._subquery,
            exp.Select: self._subquery,
            exp.Union: self._subquery,
            exp.Exists: self._exists,
        }

    def traces(self, node: exp.Expr, scope: Scope) -> Traces:
        """What the value of an expression carries.

        Node types that are on no list are refused: they could read anything.
        """
        kind = type(node)
        if known := self._by_type.get(kind):
            return known(node, scope)
        if kind in SILENT:
            return ()
        if kind in CHOOSING:
            return self.all(node.iter_expressions(), scope)
        if kind in WRITING:
            return self._written(node, scope)
        if kind in COMPUTING:
            return self._computed(node, scope)
        return scope.walk.refuse(node, f"the proof does not understand {words(node)}")

    def all(self, nodes: Iterable[exp.Expr], scope: Scope) -> Traces:
        """What any of several carries."""
        return merged(*(self.traces(node, scope) for node in nodes))

    def is_aggregate(self, node: exp.Expr, scope: Scope) -> bool:
        """Whether a value depends on how many rows there are."""
        rules = scope.walk.rules.by_name
        for each in node.walk(prune=lambda one: isinstance(one, exp.Query)):
            if isinstance(each, AGGREGATES):
                return True
            if isinstance(each, exp.Anonymous):
                rule = rules.get(each.name.lower().removeprefix(INTRINSIC))
                if rule and rule.is_aggregate:
                    return True
        return False

    def ordered(self, order: exp.Expr, scope: Scope, use: str) -> None:
        """An order tells of what it is by."""
        for each in order.expressions:
            inner = each.this if isinstance(each, exp.Ordered) else each
            scope.walk.forbid(each, use, self.traces(inner, scope))

    def _column(self, node: exp.Expr, scope: Scope) -> Traces:
        return scope.column(node) if isinstance(node, exp.Column) else ()

    def _inside(self, node: exp.Expr, scope: Scope) -> Traces:
        return self.traces(node.this, scope)

    def _computed(self, node: exp.Expr, scope: Scope) -> Traces:
        found = merged(self.all(node.iter_expressions(), scope), unit(node, scope))
        return (
            changed(found, f"goes through {words(node)}", scope.walk.place(node)) if found else ()
        )

    def _written(self, node: exp.Expr, scope: Scope) -> Traces:
        found = self.all(node.iter_expressions(), scope)
        if not found:
            return ()
        made = changed(found, f"goes through {words(node)}", scope.walk.place(node), is_whole=True)
        if type(node) not in SAME_NULLS:
            return made
        whole = {trace.origin for trace in found if trace.is_exact}
        return merged(replace(each, is_exact=each.origin in whole) for each in made)

    def _cast(self, node: exp.Expr, scope: Scope) -> Traces:
        found = self.traces(node.this, scope)
        to = node.args.get("to")
        if not found or (isinstance(to, exp.DataType) and to.is_type(*exp.DataType.TEXT_TYPES)):
            return found
        made = changed(found, f"goes through {words(node)}", scope.walk.place(node))
        return merged(replace(each, is_exact=True) for each in made)

    def _nullif(self, node: exp.Expr, scope: Scope) -> Traces:
        found = self.traces(node.this, scope)
        other = node.expression
        if isinstance(other, exp.Literal) and other.this in EMPTY_TEXTS:
            return found
        asked = changed(self.traces(other, scope), "goes through nullif", scope.walk.place(node))
        return merged(
            (each if each.is_cleared else replace(each, is_exact=False) for each in found), asked
        )

    def _case(self, node: exp.Expr, scope: Scope) -> Traces:
        subject = node.this if isinstance(node, exp.Case) else None
        choices = node.args["ifs"] if isinstance(node, exp.Case) else [node]
        results = [each.args["true"] for each in choices]
        results += [each for key in ("default", "false") if (each := node.args.get(key))]
        conditions = [*([subject] if subject else []), *(each.this for each in choices)]
        asked = self.all(conditions, scope)
        carried = [self.traces(each, scope) for each in results]
        if not asked:
            return merged(*carried)
        answers = [
            found
            for each, found in zip(results, carried, strict=True)
            if not isinstance(each, exp.Null)
        ]
        place = scope.walk.place(node)
        return merged(
            *carried, absorbed(changed(asked, "decides in a case", place), answers, scope)
        )

    def _is(self, node: exp.Expr, scope: Scope) -> Traces:
        found = self.traces(node.this, scope)
        if not isinstance(node.expression, exp.Null):
            return self._computed(node, scope)
        known = exact(found)
        place = scope.walk.place(node)
        others = tuple(each for each in found if each not in known)
        return merged(answered(known), changed(others, "goes through is null", place))

    def _anonymous(self, node: exp.Expr, scope: Scope) -> Traces:
        name = node.name.lower()
        arguments = [self.traces(each, scope) for each in node.expressions]
        if name.startswith(INTRINSIC):
            return call(node, name.removeprefix(INTRINSIC), arguments, scope.walk)
        if name in NAMES:
            return changed(merged(*arguments), f"goes through {name}(…)", scope.walk.place(node))
        return scope.walk.refuse(
            node,
            f'the proof does not know the function "{node.name}"',
            fix=next(iter(get_close_matches(name, _KNOWN_FUNCTIONS, n=1, cutoff=0.85)), "")
            or "use one of the engine's own functions of its arguments alone, or an intrinsic",
        )

    def _count(self, node: exp.Expr, scope: Scope) -> Traces:
        counted = node.this
        if isinstance(counted, exp.Star) or counted is None:
            return ()
        if isinstance(counted, exp.Distinct) or node.expressions:
            return self._computed(node, scope)
        found = self.traces(counted, scope)
        known = exact(found)
        others = tuple(each for each in found if each not in known)
        return merged(
            answered(known), changed(others, "goes through count(…)", scope.walk.place(node))
        )

    def _window(self, node: exp.Expr, scope: Scope) -> Traces:
        for each in node.args.get("partition_by") or ():
            scope.walk.forbid(each, "partition by", self.traces(each, scope))
        if order := node.args.get("order"):
            self.ordered(order, scope, "order by")
        if spec := node.args.get("spec"):
            edges = (spec.args.get(key) for key in ("start", "end"))
            found = self.all((each for each in edges if isinstance(each, exp.Expr)), scope)
            scope.walk.forbid(node, "a window's edge by", found)
        return self.traces(node.this, scope)

    def _ordered(self, node: exp.Expr, scope: Scope) -> Traces:
        self.ordered(node, scope, "order by")
        return self.traces(node.this, scope) if node.this else ()

    def _within_group(self, node: exp.Expr, scope: Scope) -> Traces:
        order = self.traces(node.expression, scope)
        return merged(self.traces(node.this, scope), order)

    def _in(self, node: exp.Expr, scope: Scope) -> Traces:
        query = node.args.get("query")
        known = {"this", "expressions", "query"}
        if any(value for key, value in node.args.items() if key not in known):
            return scope.walk.refuse(node, "the proof does not understand this `in`")
        looked_up = self.traces(node.this, scope)
        if query is None:
            return self._computed(node, scope)
        relation = self._query(query, scope)
        if not relation.is_seed:
            scope.walk.forbid(node, "`in` a query with", merged(looked_up, relation.everything))
        place = scope.walk.place(node)
        return changed(merged(looked_up, _whole(relation, scope)), "goes through in", place)

    def _subquery(self, node: exp.Expr, scope: Scope) -> Traces:
        return _whole(self._query(node, scope), scope)

    def _exists(self, node: exp.Expr, scope: Scope) -> Traces:
        relation = self._query(node.this, scope)
        decided = merged(relation.beyond(scope.filtered), relation.grouped)
        return changed(decided, "goes through exists", scope.walk.place(node))


def _whole(relation: Relation, scope: Scope) -> Traces:
    """What a query as a value carries: its columns, and which rows they are of."""
    return merged(relation.everything, relation.beyond(scope.filtered), relation.grouped)

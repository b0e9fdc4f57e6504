"""What type an expression has, from the types of what it is made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from sqlglot import exp

from tillpost.privacy.functions import CHOOSING, COMPUTING, WRITING
from tillpost.types.families import (
    Known,
    Type,
    are_comparable,
    are_convertible,
    is_free,
    merged,
    type_of,
)
from tillpost.types.functions import ARITHMETIC, BY_NAME, BY_NODE, GIVES, Signature
from tillpost.types.scopes import Relation, Scope
from tillpost.types.telling import Telling

Query = Callable[[exp.Expr, Scope], Relation]
Intrinsics = Mapping[str, tuple[tuple[Known, ...], Known]]
"""Of each intrinsic the types of its arguments, and of what it gives."""

_PREFIX = "tillpost__"
_ORDERS = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_EQUALITIES = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_MIXING = (exp.Coalesce, exp.Greatest, exp.Least)
_PICKING = (exp.Min, exp.Max, exp.AnyValue, exp.First, exp.Last, exp.FirstValue, exp.LastValue)
_INSIDE = (exp.Alias, exp.Paren, exp.Where, exp.Filter, exp.IgnoreNulls, exp.RespectNulls)
_WRAPPING = (exp.Distinct, exp.Tuple, exp.WindowSpec, exp.Ordered)
# What is not on a list may bind names of its own, as a lambda does: it is not looked into.
_FOLLOWED = CHOOSING | WRITING | COMPUTING | frozenset((*GIVES, *_WRAPPING))


class Expressions:
    """Finds types; subqueries are followed by whoever follows queries."""

    def __init__(self, tell: Telling, query: Query, intrinsics: Intrinsics) -> None:
        """Remember whom to tell."""
        self._tell = tell
        self._query = query
        self._intrinsics = intrinsics
        self._by_type: dict[type[exp.Expr], Callable[..., Known]] = {
            exp.Column: lambda node, scope: scope.column(node),
            exp.Literal: lambda node, _: Type.LITERAL if node.is_string else Type.NUMBER,
            exp.Null: lambda _, __: Type.NULL,
            exp.Boolean: lambda _, __: Type.BOOLEAN,
            exp.Cast: self._cast,
            exp.TryCast: self._try_cast,
            exp.Neg: self._negative,
            exp.Between: self._between,
            exp.In: self._in,
            exp.Nullif: self._nullif,
            exp.Case: self._case,
            exp.If: self._case,
            exp.DPipe: self._joined,
            exp.Concat: self._joined,
            exp.Window: self._window,
            exp.Order: self._first,
            exp.Distinct: self._distinct,
            exp.Anonymous: self._anonymous,
            exp.Subquery: self._subquery,
            exp.Select: self._subquery,
            exp.Union: self._subquery,
            exp.Exists: self._exists,
            **dict.fromkeys(BY_NODE, self._function),
            **dict.fromkeys(ARITHMETIC, self._arithmetic),
            **dict.fromkeys(_ORDERS, self._order),
            **dict.fromkeys(_EQUALITIES, self._equality),
            **dict.fromkeys(_MIXING, self._mixed),
            **dict.fromkeys(_PICKING, self._picked),
            **dict.fromkeys((*_INSIDE, exp.Lag, exp.Lead), self._first),
        }

    def type(self, node: exp.Expr, scope: Scope) -> Known:
        """The type of an expression, if it is known; whatever is wrong inside of it is told."""
        kind = type(node)
        if known := self._by_type.get(kind):
            return known(node, scope)
        if kind in _FOLLOWED:
            self.all(node.iter_expressions(), scope)
        return GIVES.get(kind)

    def all(self, nodes: Iterable[exp.Expr], scope: Scope) -> list[Known]:
        """The types of several."""
        return [self.type(each, scope) for each in nodes]

    def _first(self, node: exp.Expr, scope: Scope) -> Known:
        found = self.all(node.iter_expressions(), scope)
        return found[0] if found else None

    def _picked(self, node: exp.Expr, scope: Scope) -> Known:
        found = self.all(node.iter_expressions(), scope)
        return found[0] if len(found) == 1 else None  # `max(x, 3)` is a list

    def _distinct(self, node: exp.Expr, scope: Scope) -> Known:
        found = self.all(node.expressions, scope)
        return found[0] if len(found) == 1 else None

    def _cast(self, node: exp.Cast, scope: Scope) -> Known:
        found, target = self.type(node.this, scope), type_of(node.args["to"])
        if target and not are_convertible(found, target) and not _is_time_of(found, target):
            self._tell.cast(node, found, target)
        return target

    def _try_cast(self, node: exp.Expr, scope: Scope) -> Known:
        self.type(node.this, scope)
        return type_of(node.args["to"])

    def _negative(self, node: exp.Expr, scope: Scope) -> Known:
        found = self.type(node.this, scope)
        if is_free(found) or found in (Type.NUMBER, Type.INTERVAL):
            return found if found is not Type.LITERAL else None
        self._tell.argument(node, (node.this, found), _NUMBER)
        return Type.NUMBER

    def _arithmetic(self, node: exp.Binary, scope: Scope) -> Known:
        left, right = self.type(node.left, scope), self.type(node.right, scope)
        makes = ARITHMETIC[type(node)]
        if is_free(left) or is_free(right):
            known = right if is_free(left) else left
            if is_free(known) or any(known in pair for pair in makes):
                return None
        elif (left, right) in makes:
            return makes[left, right]  # type: ignore[index]  # neither is free
        self._tell.arithmetic(node, (node.left, left), (node.right, right))
        return None

    def _order(self, node: exp.Binary, scope: Scope) -> Known:
        left, right = self.type(node.left, scope), self.type(node.right, scope)
        if not are_comparable(left, right):
            self._tell.order(node, (node.left, left), (node.right, right))
        return Type.BOOLEAN

    def _between(self, node: exp.Between, scope: Scope) -> Known:
        found = self.type(node.this, scope)
        for key in ("low", "high"):
            edge = node.args[key]
            other = self.type(edge, scope)
            if not are_comparable(found, other):
                self._tell.order(node, (node.this, found), (edge, other))
        return Type.BOOLEAN

    def _equality(self, node: exp.Binary, scope: Scope) -> Known:
        self._equal(node, node.left, [node.right], scope)
        return Type.BOOLEAN

    def _in(self, node: exp.In, scope: Scope) -> Known:
        self._equal(node, node.this, node.expressions, scope)
        if query := node.args.get("query"):
            self.type(query, scope)
        return Type.BOOLEAN

    def _nullif(self, node: exp.Nullif, scope: Scope) -> Known:
        found = self._equal(node, node.this, [node.expression], scope)
        return Type.TEXT if found is Type.LITERAL else found

    def _equal(
        self, node: exp.Expr, one: exp.Expr, others: Iterable[exp.Expr], scope: Scope
    ) -> Known:
        found = self.type(one, scope)
        for each in others:
            other = self.type(each, scope)
            if not are_convertible(found, other):
                self._tell.order(node, (one, found), (each, other))
        return found

    def _case(self, node: exp.Expr, scope: Scope) -> Known:
        choices = node.args["ifs"] if isinstance(node, exp.Case) else [node]
        if isinstance(node, exp.Case) and node.this:
            self.type(node.this, scope)
        self.all((each.this for each in choices), scope)
        results = [each.args["true"] for each in choices]
        results += [each for key in ("default", "false") if (each := node.args.get(key))]
        return self._one_of(node, results, scope)

    def _mixed(self, node: exp.Expr, scope: Scope) -> Known:
        return self._one_of(node, list(node.iter_expressions()), scope)

    def _one_of(self, node: exp.Expr, values: list[exp.Expr], scope: Scope) -> Known:
        found = [(each, self.type(each, scope)) for each in values]
        typed = [each for each in found if not is_free(each[1])]
        for one, other in pairwise(typed):
            if not are_comparable(one[1], other[1]):
                self._tell.mixture(node, one, other)
                return None
        return merged(each for _, each in found)

    def _joined(self, node: exp.Expr, scope: Scope) -> Known:
        found = self.all(node.iter_expressions(), scope)
        is_text = Type.TEXT in found or None not in found
        return Type.TEXT if is_text and Type.BLOB not in found else None

    def _window(self, node: exp.Window, scope: Scope) -> Known:
        self.all(node.args.get("partition_by") or (), scope)
        if order := node.args.get("order"):
            self.all(order.expressions, scope)
        return self.type(node.this, scope)

    def _function(self, node: exp.Expr, scope: Scope) -> Known:
        wanted = BY_NODE[type(node)]
        counting = [node.args.get(key) for key in wanted.arguments]
        return self._called(node, counting, wanted, scope)

    def _called(
        self, node: exp.Expr, counting: Sequence[object], wanted: Signature, scope: Scope
    ) -> Known:
        gives = wanted.gives
        for each in node.iter_expressions():
            found = self.type(each, scope)
            is_wrong = not (is_free(found) or found in wanted.takes)
            if is_wrong and any(each is one for one in counting):
                self._tell.argument(node, (each, found), wanted)
                gives = None  # what reads it is not told of
        return gives

    def _anonymous(self, node: exp.Anonymous, scope: Scope) -> Known:
        name = node.name.lower()
        if name in BY_NAME and node.expressions:
            return self._called(node, node.expressions[:1], BY_NAME[name], scope)
        found = self.all(node.expressions, scope)
        takes, gives = self._intrinsics.get(name.removeprefix(_PREFIX), ((), None))
        for each, given, wanted in zip(node.expressions, found, takes, strict=False):
            if wanted and not are_comparable(given, wanted):
                one = Signature(takes=frozenset((wanted,)))
                self._tell.argument(node, (each, given), one)
                gives = None
        return gives

    def _subquery(self, node: exp.Expr, scope: Scope) -> Known:
        found = self._query(node, scope)
        return found.columns[0][1] if len(found.columns) == 1 and not found.is_open else None

    def _exists(self, node: exp.Expr, scope: Scope) -> Known:
        self._query(node.this, scope)
        return Type.BOOLEAN


_NUMBER = Signature(takes=frozenset((Type.NUMBER,)))


def _is_time_of(found: Known, target: Known) -> bool:
    """A timestamp has a time of day; a day alone has none."""
    return found is Type.TIMESTAMP and target is Type.TIME

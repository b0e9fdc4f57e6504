"""What is wrong, in words: each error names the value, what it is, and a cast that mends it."""

from sqlglot import exp

from tillpost.errors import UsageError
from tillpost.privacy import Query
from tillpost.types.families import CASTS, Known, Type, are_convertible, is_free
from tillpost.types.functions import ARITHMETIC, MOMENTS, Signature

_OPAQUE = "tillpost__"
_LONGEST = 48
_SIGNS: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.IntDiv: "//",
    exp.Mod: "%",
    exp.Neg: "-",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
Given = tuple[exp.Expr, Known]


class Telling:
    """Collects what is wrong with one query."""

    def __init__(self, query: Query) -> None:
        """Start with nothing."""
        self._query = query
        self.errors: list[UsageError] = []

    def argument(self, call: exp.Expr, given: Given, wanted: Signature) -> None:
        """A function does not take what it is given."""
        node, found = given
        self._tell(
            node,
            f"{words(call)} takes {wanted.wanted}, and {shown(node)} is {found}",
            fix=mended(node, found, wanted.target),
        )

    def arithmetic(self, node: exp.Expr, left: Given, right: Given) -> None:
        """An operator makes nothing of two values."""
        wrong = next((each for each in (left, right) if _is_out_of_place(each[1], node)), None)
        if wrong:
            what = f"{words(node)} takes a number, and {shown(wrong[0])} is {wrong[1]}"
            self._tell(wrong[0], what, fix=mended(*wrong, Type.NUMBER))
            return
        what = f"{words(node)} makes nothing of {left[1]} and {right[1]}"
        is_of_time = MOMENTS & {left[1], right[1]}
        self._tell(right[0], what, fix="write an interval: interval 1 day" if is_of_time else "")

    def order(self, node: exp.Expr, left: Given, right: Given) -> None:
        """Two values have no order."""
        wrong, other = _weaker(left, right)
        self._tell(
            wrong[0],
            f"{words(node)} compares {left[1]} with {right[1]}: {shown(wrong[0])} is {wrong[1]}",
            fix=mended(*wrong, other[1]),
        )

    def mixture(self, node: exp.Expr, left: Given, right: Given) -> None:
        """Two values cannot stand in one column."""
        wrong, other = _weaker(left, right)
        self._tell(
            wrong[0],
            f"{words(node)} gives {left[1]} or {right[1]}: {shown(wrong[0])} is {wrong[1]}",
            fix=mended(*wrong, other[1]),
        )

    def cast(self, node: exp.Cast, found: Known, target: Type) -> None:
        """No value of a type can be cast to another."""
        self._tell(
            node.this,
            f"{shown(node.this)} is {found}, which cannot be cast to {target}",
            fix=mended(node.this, found, target),
        )

    def column(self, node: exp.Expr, name: str, found: Known, wanted: str, target: Type) -> None:
        """A column of the contract is of another type."""
        inner = node.this if isinstance(node, exp.Alias) else node
        self._tell(
            node,
            f"{name} is {found}, and the loader takes {wanted}",
            fix=mended(inner, found, target),
        )

    def _tell(self, node: exp.Expr, what: str, *, fix: str) -> None:
        error = UsageError(what, where=self._query.place(node), fix=fix)
        if str(error) not in map(str, self.errors):
            self.errors.append(error)


def mended(node: exp.Expr, found: Known, target: Known) -> str:
    """How to make one type of another."""
    name = shown(node, else_="…")
    if found in MOMENTS and target is Type.NUMBER:
        return f"epoch({name}): seconds since 1970"
    if found is Type.NUMBER and target in MOMENTS:
        return f"to_timestamp({name}), if it is seconds since 1970"
    if target is None or is_free(target) or not are_convertible(found, target):
        return f"{target} in its place"
    return f"cast it: cast({name} as {CASTS[target]})"


def shown(node: exp.Expr, *, else_: str = "this") -> str:
    """An expression, where it is short; a text in it may be anybody's."""
    inner = node.unnest() if isinstance(node, exp.Paren) else node
    sql = inner.sql("duckdb", comments=False).lower().replace(_OPAQUE, "")
    is_long = len(sql) > _LONGEST or any(sign in sql for sign in "'\"\n")
    return else_ if is_long else sql


def words(node: exp.Expr) -> str:
    """An operator or a function by its name."""
    if isinstance(node, exp.Case | exp.If):
        return "case"
    if isinstance(node, exp.Func):
        return node.sql("duckdb").split("(")[0].lower().removeprefix(_OPAQUE)
    if sign := _SIGNS.get(type(node)):
        return f'"{sign}"'
    return "is distinct from" if isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ) else node.key


def _is_out_of_place(found: Known, node: exp.Expr) -> bool:
    """Whether an operator makes nothing of a type, whatever the other is."""
    return not is_free(found) and all(found not in pair for pair in ARITHMETIC[type(node)])


def _weaker(left: Given, right: Given) -> tuple[Given, Given]:
    """The one of two to cast, and the other: a text before a number, what is written out last."""
    wrong, other = sorted(
        (left, right),
        key=lambda each: (isinstance(each[0], exp.Literal), each[1] is not Type.TEXT),
    )
    return wrong, other

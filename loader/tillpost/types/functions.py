"""What operators and functions take, and what they give.

Each line is what DuckDB's binder says: a test asks it for every type.
"""

from dataclasses import dataclass

from sqlglot import exp

from tillpost.types.families import Known, Type

MOMENTS = frozenset((Type.DATE, Type.TIMESTAMP))
TEXTS = frozenset((Type.TEXT,))
NUMBERS = frozenset((Type.NUMBER,))
_BYTES = TEXTS | {Type.BLOB}
_CLOCKS = MOMENTS | {Type.TIME, Type.INTERVAL}


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """A function: what the values that count may be, where they stand, what comes out."""

    takes: frozenset[Type]
    gives: Known = None
    arguments: tuple[str, ...] = ("this",)

    @property
    def wanted(self) -> str:
        """What it takes, in words."""
        return "a date or a timestamp" if self.target is Type.TIMESTAMP else str(self.target)

    @property
    def target(self) -> Type:
        """What to cast to."""
        ranked = (Type.NUMBER, Type.TEXT, Type.TIMESTAMP, *self.takes)
        return next(each for each in ranked if each in self.takes)


def _signatures(
    names: str, takes: frozenset[Type], gives: Known = None, arguments: str = "this"
) -> dict[str, Signature]:
    one = Signature(takes=takes, gives=gives, arguments=tuple(arguments.split()))
    return dict.fromkeys(names.split(), one)


_NODES = {
    **_signatures("Sum", NUMBERS | {Type.BOOLEAN}, Type.NUMBER),
    **_signatures("Stddev StddevPop StddevSamp Variance VariancePop", NUMBERS, Type.NUMBER),
    **_signatures("Round Abs Floor Ceil Sqrt Ln Exp Sign Trunc Pow", NUMBERS, Type.NUMBER),
    **_signatures("LogicalAnd LogicalOr", frozenset((Type.BOOLEAN,)), Type.BOOLEAN),
    **_signatures("Avg", NUMBERS | _CLOCKS),
    **_signatures("Lower Upper Trim Substring Left Right Replace", TEXTS, Type.TEXT),
    **_signatures("SplitPart RegexpReplace RegexpExtract Pad Translate", TEXTS, Type.TEXT),
    **_signatures("MD5 SHA2", _BYTES, Type.TEXT),
    **_signatures("RegexpLike RegexpFullMatch SimilarTo", TEXTS, Type.BOOLEAN),
    **_signatures("Like ILike", TEXTS, Type.BOOLEAN, "this expression"),
    **_signatures("StartsWith EndsWith", TEXTS, Type.BOOLEAN),
    **_signatures("Length StrPosition Ascii Unicode", TEXTS, Type.NUMBER),
    **_signatures("StrToTime", TEXTS, Type.TIMESTAMP),
    **_signatures("TimeToStr", MOMENTS, Type.TEXT),
    **_signatures("LastDay", MOMENTS, Type.DATE),
    **_signatures("TimestampTrunc DateTrunc", MOMENTS | {Type.INTERVAL}),
    **_signatures("Year Quarter Month Week Day", MOMENTS | {Type.INTERVAL}, Type.NUMBER),
    **_signatures("Hour Minute Second TimeToUnix", _CLOCKS, Type.NUMBER),
    **_signatures("Extract", _CLOCKS, Type.NUMBER, "expression"),
    **_signatures("UnixToTime", NUMBERS, Type.TIMESTAMP),
}
BY_NODE: dict[type[exp.Expr], Signature] = {
    # sqlglot renames a node now and then
    getattr(exp, name): each
    for name, each in _NODES.items()
    if hasattr(exp, name)
}
BY_NAME = {
    "try_strptime": Signature(takes=TEXTS, gives=Type.TIMESTAMP),
    "strip_accents": Signature(takes=TEXTS, gives=Type.TEXT),
}

GIVES: dict[type[exp.Expr], Type] = {
    **dict.fromkeys((exp.And, exp.Or, exp.Not, exp.Is, exp.Exists), Type.BOOLEAN),
    **dict.fromkeys((exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank), Type.NUMBER),
    exp.GroupConcat: Type.TEXT,
    exp.Interval: Type.INTERVAL,
    exp.CurrentDate: Type.DATE,
    exp.CurrentTimestamp: Type.TIMESTAMP,
}
"""What gives one type, whatever it takes."""

_N, _D, _T = Type.NUMBER, Type.DATE, Type.TIMESTAMP
_H, _I = Type.TIME, Type.INTERVAL
ARITHMETIC: dict[type[exp.Expr], dict[tuple[Type, Type], Known]] = {
    exp.Add: {
        (_N, _N): _N,
        **dict.fromkeys(((_D, _N), (_N, _D)), _D),
        **dict.fromkeys(((_D, _I), (_I, _D), (_D, _H), (_H, _D), (_T, _I), (_I, _T)), _T),
        **dict.fromkeys(((_H, _I), (_I, _H)), _H),
        (_I, _I): _I,
    },
    exp.Sub: {
        (_N, _N): _N,
        (_D, _N): _D,
        (_D, _D): _N,
        **dict.fromkeys(((_D, _T), (_T, _D), (_T, _T)), _I),
        **dict.fromkeys(((_D, _I), (_T, _I)), _T),
        (_H, _I): _H,
        (_I, _I): _I,
    },
    exp.Mul: {(_N, _N): _N, (_N, _I): _I, (_I, _N): _I},
    exp.Div: {(_N, _N): _N, (_I, _N): _I},
    exp.IntDiv: {(_N, _N): _N},
    exp.Mod: {(_N, _N): _N},
}
"""What operators make of two types; of any other two they make nothing."""

"""The way of a row through the models, and which condition on that way stops it.

Everything is worked out from the models' SQL: a model of an analyst's own is followed as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

FINAL = "final select"
_QUOTED_OR_NOT = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|[^'\"]+")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One thing in a model that can drop rows: where it stands, and its text."""

    model: str
    path: str
    cte: str
    condition: str


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A filter in a tree: the select that holds it, the kind of clause, the place in that."""

    select: exp.Select
    clause: str
    place: int
    cte: str
    text: str


def parse(sql: str) -> exp.Expr:
    """A model's SQL, intrinsics opaque, as a tree."""
    return sqlglot.parse_one(sql, dialect="duckdb")


def drivers(tree: exp.Expr) -> list[str]:
    """The relations that a query's rows come from: what it joins to them only adds columns."""
    ctes = {each.alias: each.this for each in tree.find_all(exp.CTE)}
    found: dict[str, None] = {}
    waiting: list[exp.Expr] = [tree]
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.SetOperation):
            waiting += [node.right, node.left]
        elif isinstance(node, exp.Subquery):
            waiting.append(node.this)
        elif isinstance(node, exp.Select) and (origin := node.args.get("from_")):
            waiting.append(origin.this)
        elif isinstance(node, exp.Table):
            if not node.db and node.name in ctes:
                if node.name not in seen:
                    seen.add(node.name)
                    waiting.append(ctes[node.name])
            else:
                found[node.name] = None
    return list(found)


def ways(target: str, trees: Mapping[str, exp.Expr]) -> list[tuple[str, ...]]:
    """Every way to a model from those that no other drives, in the order of the flow."""
    parents = [each for each in drivers(trees[target]) if each in trees]
    return [(*way, target) for name in parents for way in ways(name, trees)] or [(target,)]


def filters(tree: exp.Expr, *, model: str, path: str) -> list[Filter]:
    """Everything in a model that can drop rows, in the order in which it works."""
    return [
        Filter(model=model, path=path, cte=part.cte, condition=part.text) for part in _parts(tree)
    ]


def compares_rows(tree: exp.Expr) -> bool:
    """Whether what becomes of a row hangs on other rows."""
    kinds = (exp.Qualify, exp.Having, exp.Limit, exp.Group, exp.Distinct)
    return any(tree.find_all(*kinds))


def with_filters(tree: exp.Expr, kept: Sequence[bool]) -> exp.Expr:
    """The same query with some of its filters only; a row that a join does not find stays."""
    copy = tree.copy()
    parts = _parts(copy)
    whole: dict[tuple[int, str], list[exp.Expr]] = {}
    for part, keep in zip(parts, kept, strict=True):
        select, clause = part.select, part.clause
        if clause == "join":
            if not keep:
                _open_join(select, part.place)
        elif clause in ("where", "qualify", "having"):
            standing = whole.setdefault((id(select), clause), [])
            if keep:
                standing.append(_conjuncts(select.args[clause].this)[part.place])
        elif not keep:
            select.set(clause, None)
    for part in parts:
        if (id(part.select), part.clause) in whole:
            kept_here = whole.pop((id(part.select), part.clause))
            node = part.select.args[part.clause]
            if kept_here:
                node.set("this", exp.and_(*kept_here))
            else:
                part.select.set(part.clause, None)
    return copy


def _open_join(select: exp.Select, place: int) -> None:
    join = select.args["joins"][place]
    if join.kind in ("SEMI", "ANTI"):
        join.set("on", exp.true())
    join.set("kind", None)
    join.set("side", "LEFT")


def _parts(tree: exp.Expr) -> list[_Part]:
    return list(_walk(tree, FINAL))


def _walk(node: exp.Expr, cte: str) -> Iterator[_Part]:
    """The filters of a query: of what it reads from first, then its own."""
    for each in getattr(node.args.get("with_"), "expressions", ()):
        yield from _walk(each.this, each.alias if cte == FINAL else cte)
    if isinstance(node, exp.SetOperation):
        yield from _walk(node.left, cte)
        yield from _walk(node.right, cte)
    elif isinstance(node, exp.Subquery):
        yield from _walk(node.this, cte)
    elif isinstance(node, exp.Select):
        if origin := node.args.get("from_"):
            yield from _walk(origin.this, cte)
        yield from _own(node, cte)


def _own(select: exp.Select, cte: str) -> Iterator[_Part]:
    for place, join in enumerate(select.args.get("joins") or ()):
        if not join.side and (join.args.get("on") or join.args.get("using")):
            yield _Part(select=select, clause="join", place=place, cte=cte, text=_text(join))
    for clause in ("where", "having", "qualify"):
        node = select.args.get(clause)
        for place, each in enumerate(_conjuncts(node.this) if node else ()):
            text = f"{clause} {_text(each)}"
            yield _Part(select=select, clause=clause, place=place, cte=cte, text=text)
    if limit := select.args.get("limit"):
        yield _Part(select=select, clause="limit", place=0, cte=cte, text=_text(limit))


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    condition = condition.unnest()
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _text(node: exp.Expr) -> str:
    """A condition as a person reads it: intrinsics by their names alone."""
    text = node.sql(dialect="duckdb", normalize_functions=False, comments=False)
    text = " ".join(text.replace("tillpost__", "").split())
    return _QUOTED_OR_NOT.sub(lambda part: part[1] or part[0].lower(), text)

"""Carrying SQL to another dialect: sqlglot writes it, each intrinsic gets its engine's own text."""

from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError

from tillpost.compiler.jinja import OPAQUE_PREFIX
from tillpost.errors import UsageError

INLINED = ("postgres",)
"""Where a subquery that is read once becomes a part of its reader, unless it has an offset."""
TextOf = Callable[[str], Callable[..., str]]


def carry(sql: str, *, dialect: str, text_of: TextOf, path: str) -> str:
    """Write a query of the portable subset in another dialect.

    Args:
        sql: DuckDB's SQL, with each intrinsic as an opaque call.
        dialect: sqlglot's name of the engine's SQL.
        text_of: finds the macro that writes an intrinsic for this engine, by its name.
        path: its file, for messages.

    Raises:
        UsageError: this is no SQL, or an intrinsic has no text for the engine.
    """
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except ParseError as error:
        found = error.errors[0] if error.errors else {}
        raise UsageError(
            "the SQL cannot be read", where=path, why=str(found.get("description", error))
        ) from None
    if dialect in INLINED:
        _fence(tree)
    target = Dialect.get_or_raise(dialect)
    written = {**target.generator_class.TRANSFORMS, exp.Anonymous: _call(text_of)}
    # sqlglot has no hook for a single call: a generator of our own has.
    writer = type("Writer", (target.generator_class,), {"TRANSFORMS": written})
    return str(writer(dialect=target, normalize_functions=False).generate(tree))


def _fence(tree: exp.Expr) -> None:
    """Keep each select that computes intrinsics to itself: what reads it must not repeat them."""
    for select in tree.find_all(exp.Select):
        inside = isinstance(select.parent, exp.CTE | exp.Subquery) or select is tree
        calls = (each.find(exp.Anonymous) for each in select.expressions)
        if inside and any(calls):
            select.offset(0, copy=False)


def _call(text_of: TextOf) -> Callable[..., str]:
    """Write an opaque call as its engine's text, arguments first; other calls as they are."""

    def write(writer: sqlglot.Generator, call: exp.Anonymous) -> str:
        arguments = [writer.sql(each) for each in call.expressions]
        if call.name.startswith(OPAQUE_PREFIX):
            return f"({text_of(call.name.removeprefix(OPAQUE_PREFIX))(*arguments)})"
        return str(writer.function_fallback_sql(call))

    return write

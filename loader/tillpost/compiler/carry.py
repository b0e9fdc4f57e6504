"""Carrying SQL to another dialect: sqlglot writes it, each intrinsic gets its engine's own text."""

from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError

from tillpost.compiler.jinja import OPAQUE_PREFIX
from tillpost.errors import UsageError

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
    target = Dialect.get_or_raise(dialect)

    class Writer(target.generator_class):  # type: ignore[name-defined,misc]  # sqlglot has no hook for a call alone
        TRANSFORMS = {**target.generator_class.TRANSFORMS, exp.Anonymous: _call(text_of)}

    return str(Writer(dialect=target, normalize_functions=False).generate(tree))


def _call(text_of: TextOf) -> Callable[..., str]:
    """Write an opaque call as its engine's text, arguments first; other calls as they are."""

    def write(writer: sqlglot.Generator, call: exp.Anonymous) -> str:
        arguments = [writer.sql(each) for each in call.expressions]
        if call.name.startswith(OPAQUE_PREFIX):
            return f"({text_of(call.name.removeprefix(OPAQUE_PREFIX))(*arguments)})"
        return str(writer.function_fallback_sql(call))

    return write

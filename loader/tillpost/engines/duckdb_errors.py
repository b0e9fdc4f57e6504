"""DuckDB's errors in our words, without anything that may quote a row."""

import re

import duckdb

from tillpost.errors import Locked, Place, TillpostError, UsageError

MEND_PATH = "mend external_location in models/sources.yml; paths start at the project's folder"
# What DuckDB says of names and grammar quotes the SQL only; any other message may quote data.
_QUOTES_NO_DATA = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)
_FILE_FAULT = re.compile(r'"([^"]+)"')


def explain(error: duckdb.Error, *, where: str, lines_before: int = 0) -> TillpostError:
    """DuckDB's error in our form, without anything that may quote a row."""
    message = str(error)
    if isinstance(error, duckdb.IOException) and "lock" in message:
        holder = re.search(r"PID (\d+)", message)
        return Locked(
            "another process has the build's database open",
            where=where,
            why=f"process {holder[1]} holds it" if holder else "",
            fix="wait until it has finished",
        )
    if isinstance(error, duckdb.IOException):
        found = _FILE_FAULT.search(message)
        if "No files found" in message:
            return UsageError(
                "no such file",
                where=where,
                why=f"nothing matches {found[1]}" if found else "",
                fix=MEND_PATH,
            )
        return UsageError(
            "a file cannot be read or written", where=where, why=message.split("\n", maxsplit=1)[0]
        )
    if isinstance(error, _QUOTES_NO_DATA):
        return UsageError(
            message.split("\n", maxsplit=1)[0].split(": ", 1)[-1],
            where=_place(message, where, lines_before),
            why=_candidates(message),
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return UsageError(
            "DuckDB has not enough memory or disk for this",
            where=where,
            fix="raise settings.memory_limit in the profile, or make room on the disk",
        )
    line = re.search(r"(?:Line|line): ?(\d+)", message)
    return UsageError(
        _without_data(message),
        where=_place(message, where, lines_before),
        why=f"at line {line[1]} of the file it read" if line else "",
    )


def _without_data(message: str) -> str:
    """The first line of a message whose quotes and numbers may come from a row."""
    first = message.split("\n", maxsplit=1)[0]
    return re.sub(r"\d{2,}", "#", re.sub(r"\"[^\"]*\"|'[^']*'", "…", first))


def _place(message: str, where: str, lines_before: int) -> Place | str:
    """File, line and column, from the caret that DuckDB draws below the SQL."""
    found = _LINE.search(message)
    caret = message.splitlines()[-1].find("^") if found else -1
    if not found or not where.endswith(".sql"):
        return where
    column = caret - len(found[0]) + 1
    return Place(file=where, line=int(found[1]) - lines_before, column=max(column, 0))


def _candidates(message: str) -> str:
    lines = message.split("\nLINE ", maxsplit=1)[0].splitlines()[1:]
    return "\n".join(line for line in lines if line.strip())

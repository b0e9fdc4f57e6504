"""Rows that a unit test gives or expects: cells by column, or a select."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from tillpost.errors import Place, UsageError

ROW_KEYS = ("rows", "format", "fixture")
FORMATS = {"dict": ".csv", "csv": ".csv", "sql": ".sql"}
"""How rows are written, and what a fixture of that format is called."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows as a test gives them: cells by column, or a select; neither means the seed's own."""

    place: Place
    cells: tuple[dict[str, Any], ...] | None = None
    sql: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that any row names, in the order in which they are first named."""
        return tuple(dict.fromkeys(name for row in self.cells or () for name in row))


def cells_of(content: str, *, where: str) -> list[dict[str, Any]]:
    """Rows below a header; an empty cell is null."""
    header, *rows = list(csv.reader(io.StringIO(content.strip()))) or [[]]
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise UsageError(f'the column "{twice[0]}" stands there twice', where=where)
    for number, row in enumerate(rows, 1):
        if row and len(row) != len(header):
            what = f"row {number} has {len(row)} cells, and the header {len(header)}"
            raise UsageError(what, where=where, fix="quote a cell that has a comma in it")
    return [
        {name: value or None for name, value in zip(header, row, strict=True)}
        for row in rows
        if row
    ]

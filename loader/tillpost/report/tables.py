"""Rows for a terminal: columns of equal width, or a block a row."""

import re
from collections.abc import Iterable, Sequence

# What data could tell a terminal to do.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns of equal width, numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(header), *cells]) for i in range(len(header))]
    numeric = [all(_is_number(row[i]) for row in cells) and bool(cells) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(header), line(["─" * width for width in widths]), *map(line, cells)])


def rows_words(names: Sequence[str], rows: Sequence[Sequence[object]], *, width: int) -> str:
    """Rows as a table, or below each other where a table would be wider than the terminal."""
    wide = table(names, rows)
    if max(map(len, wide.splitlines())) <= width:
        return f"{wide}\n({len(rows):,} rows)"
    longest = max(map(len, names))
    blocks = (
        "\n".join(
            f"{name.rjust(longest)}  {_cell(value)}" for name, value in zip(names, row, strict=True)
        )
        for row in rows
    )
    return "\n\n".join([*blocks, f"({len(rows):,} rows)"])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def _is_number(text: str) -> bool:
    return text == "" or text.replace(",", "").replace(".", "").replace("-", "").isdigit()

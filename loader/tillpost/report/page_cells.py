"""A table of the report, and how its cells are written."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillpost.report.sums import amount


@dataclass(frozen=True, kw_only=True)
class Table:
    """A caption, the kind of each column by its title, and cells.

    Kinds: `text`, `code`, `number`, `amount`, `share`; a cell that is None is empty. The last row
    of a ``has_total`` is one.
    """

    caption: str
    columns: dict[str, str]
    rows: Sequence[Sequence[object]]
    has_total: bool = False


def cell(value: object, kind: str) -> str:
    """A cell as it is written."""
    if value is None:
        return ""
    match kind, value:
        case "amount", float():
            return amount(value)
        case "share", float():
            return f"{value:.0%}"
        case "number", int():
            return f"{value:,}"
        case _:
            return str(value)

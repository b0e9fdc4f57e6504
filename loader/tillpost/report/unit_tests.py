"""What unit tests came to: each row that differs, cell by cell."""

from collections.abc import Iterator, Sequence

from tillpost.pipeline.unit_tests import Cells, UnitResult
from tillpost.report.tables import table

EXPECTED, CAME, CHANGED = "-", "+", "→"
_NULL = "null"


def unit_words(results: Sequence[UnitResult]) -> str:
    """Each test that failed with its rows, and how many passed."""
    failed = [result for result in results if result.failed]
    lines = [_failure(result) for result in failed]
    return "\n".join([*lines, f"{len(results) - len(failed)} of {len(results)} unit tests passed"])


def _failure(result: UnitResult) -> str:
    marks = f"{CHANGED} expected → came, {EXPECTED} did not come, {CAME} was not expected"
    rows = table(("", *result.columns), _rows(result))
    indented = "\n".join(f"  {line}".rstrip() for line in [marks, *rows.splitlines()])
    return f"FAILED  {result.model}: {result.name} ({result.place})\n{indented}"


def _rows(result: UnitResult) -> Iterator[tuple[str, ...]]:
    """Rows that did not come, each beside the one that is most like it."""
    came = list(result.unexpected)
    for expected in result.missing:
        nearest = max(came, key=lambda row: _alike(row, expected), default=None)
        if nearest is None or not _alike(nearest, expected):
            yield (EXPECTED, *map(_text, expected))
            continue
        came.remove(nearest)
        cells = zip(expected, nearest, strict=True)
        yield (CHANGED, *(_change(old, new) for old, new in cells))
    for row in came:
        yield (CAME, *map(_text, row))


def _alike(row: Cells, other: Cells) -> int:
    """How many cells are the same; the only rows of a kind are alike whatever they hold."""
    return sum(one == two for one, two in zip(row, other, strict=True)) or len(row) == 1


def _change(expected: str | None, came: str | None) -> str:
    return _text(came) if expected == came else f"{_text(expected)} {CHANGED} {_text(came)}"


def _text(value: str | None) -> str:
    return _NULL if value is None else value

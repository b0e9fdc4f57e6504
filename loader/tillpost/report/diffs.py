"""What an edit changes: for a terminal, for a pull request, for programs."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from tillpost.pipeline.diff import Diff
from tillpost.pipeline.differences import Move
from tillpost.report.sums import amount, plural
from tillpost.report.tables import table

_FORMAT = 1
_SHOWN = 20
_MOVES = ("was", "reasons then", "is", "reasons now", "sales", "value", "for example")
_FIELDS = ("field", "new", "gone", "other", "for example")

Rows = Sequence[Sequence[object]]
Drawn = Callable[[Sequence[str], Rows], str]


def diff_words(found: Diff) -> str:
    """The answer in a sentence, then models, buckets and fields."""
    return "\n\n".join([_headline(found), *_parts(found, table, title="{}\n{}")])


def diff_markdown(found: Diff) -> str:
    """The same as a comment on a pull request."""
    parts = _parts(found, _markdown, title="#### {}\n\n{}")
    return "\n\n".join([f"### Tillpost: {_headline(found)}", *parts])


def diff_json(found: Diff) -> str:
    """The same for programs."""
    moves = found.differences.moves
    content = {
        "format": _FORMAT,
        "revision": found.revision,
        "is_empty": found.is_empty,
        "build": found.build or None,
        "edited": [asdict(each) for each in found.edited],
        "enter": _sums(each for each in moves if each.enters),
        "leave": _sums(each for each in moves if each.leaves),
        "moves": [asdict(each) for each in moves],
        "fields": [asdict(each) for each in found.differences.fields],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _headline(found: Diff) -> str:
    against = f"against {found.revision}"
    if not found.edited:
        return f"no model differs {against}"
    models = plural(len(found.edited), "model")
    if found.is_empty:
        return f"{models} edited {against}, and nothing that is sent changes"
    moves = found.differences.moves
    parts = [
        f"{plural(_sales(chosen), 'event')} {word}{_money(chosen)}"
        for word, chosen in (
            ("enter", [each for each in moves if each.enters]),
            ("leave", [each for each in moves if each.leaves]),
        )
        if chosen
    ]
    if others := [each for each in moves if not (each.enters or each.leaves)]:
        parts.append(f"buckets or reasons of {plural(_sales(others), 'other sale')} change")
    if fields := len(found.differences.fields):
        parts.append("1 field differs" if fields == 1 else f"{fields:,} fields differ")
    return f"{models} edited {against}: {', '.join(parts)}"


def _parts(found: Diff, draw: Drawn, *, title: str) -> list[str]:
    parts: list[str] = []
    rows: list[Sequence[object]]
    if found.edited:
        rows = [(each.name, each.how, each.path) for each in found.edited]
        parts.append(title.format("Models", draw(("model", "how", "file"), rows)))
    if moves := found.differences.moves:
        rows = [
            (
                *(each.old_bucket, each.old_reasons, each.new_bucket, each.new_reasons),
                *(f"{each.sales:,}", _value(each), each.row_ref),
            )
            for each in moves[:_SHOWN]
        ]
        parts.append(title.format("Sales that end elsewhere", draw(_MOVES, rows)))
    if fields := found.differences.fields:
        rows = [
            (each.field, f"{each.added:,}", f"{each.removed:,}", f"{each.changed:,}", each.row_ref)
            for each in fields
        ]
        parts.append(title.format("Fields of what both would send", draw(_FIELDS, rows)))
    return parts


def _markdown(header: Sequence[str], rows: Rows) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _sales(moves: Iterable[Move]) -> int:
    return sum(each.sales for each in moves)


def _value(move: Move) -> str:
    return (
        f"{amount(move.value)} {move.currency}" if move.value is not None and move.currency else ""
    )


def _sums(moves: Iterable[Move]) -> dict[str, object]:
    chosen = list(moves)
    return {"sales": _sales(chosen), "value": _values(chosen)}


def _values(moves: Iterable[Move]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for each in moves:
        if each.currency and each.value is not None:
            sums[each.currency] += each.value
    return {currency: round(sums[currency], 6) for currency in sorted(sums)}


def _money(moves: Iterable[Move]) -> str:
    words = ", ".join(f"{amount(value)} {code}" for code, value in _values(moves).items())
    return f" ({words})" if words else ""

"""The story of an order, as a store analyst reads it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from tillpost.ledger.history import Written
from tillpost.pipeline.stories import Drop, Field, SaleStory, SourceRow, Story
from tillpost.report.builds import BUCKETS
from tillpost.report.tables import table

ROWS_SHOWN = 30
LONGEST_CONDITION = 160
_MEANINGS = dict(BUCKETS) | {"rejected": "cannot be sent"}
_STATES = {
    "leaving": "left",
    "accepted": "the edge received it",
    "refused": "the edge refused it",
    "returned": "not taken, and free to go again",
    "no answer": "whether it was stored is not known",
    "expired": "too old before it could arrive: it never goes",
    "held": "held for a person",
    "lost": "a person said that it never arrived",
    "forgotten": "taken out of the ledger, for good",
}


def story_words(story: Story) -> str:
    """The whole story."""
    parts = [_head(story), _verdict(story)]
    parts += [_rows(story)] if story.rows else []
    parts += [_sale(each, story) for each in story.sales]
    if story.skipped:
        parts.append(f"not looked into, --full does: {', '.join(story.skipped)}")
    parts += [_steps(story)] if story.steps else []
    parts += [_written(story.written)]
    return "\n\n".join(parts)


def story_json(story: Story) -> str:
    """The same for programs."""
    return json.dumps(asdict(story), default=str, indent=2, ensure_ascii=False)


def _head(story: Story) -> str:
    build, asked = story.build, story.asked
    if story.digest:
        asked += f"\n  found by its digest with the project's key, {story.digest}"
    if build.as_of is None:
        return f"{asked}\n  in a build that did not pass its tests"
    words = f"{asked}\n  in build {build.run_id}, as of {_time(build.as_of)}"
    if build.other_rules:
        words += (
            "\n  macros, seeds or settings were changed since: the next build may say otherwise"
        )
    return words


def _verdict(story: Story) -> str:
    """One sentence for each thing that became of it."""
    said = [_sale_verdict(each) for each in story.sales]
    if not story.sales:
        said = [_drop_words(each.drop, each) for each in story.rows if each.drop]
    if not said and story.unreadable:
        said = ["it may be on a CSV line that does not parse"]
    if not said:
        said = ["the build has nothing of it: what follows is what the ledger knows"]
    lines = list(dict.fromkeys(said))
    lines += [f"unreadable: {place}" for place in story.unreadable]
    return "\n".join(lines)


def _sale_verdict(sale: SaleStory) -> str:
    if sale.drops:
        return "\n".join(_drop_words(each) for each in sale.drops)
    words = f"{sale.bucket}: {_MEANINGS.get(sale.bucket, '')}"
    for reason, meaning in sale.reasons.items():
        words += f"\n  {reason}: {meaning}"
    if sale.duplicate_of:
        winner = sale.duplicate_of
        words += f"\n  of {winner.row_ref or 'event ' + winner.event_key}"
        words += f", which is {winner.bucket}" if winner.bucket else ""
    return words


def _drop_words(drop: Drop, row: SourceRow | None = None) -> str:
    if drop.scope_start is not None:
        when = f" of {_time(row.event_time)}" if row and row.event_time is not None else ""
        return (
            f"outside the scope: a sale{when} is older than what is read, which begins at"
            f" {_time(drop.scope_start)} (meta.lookback)\n  {_place(drop)}"
        )
    return f"dropped by {_place(drop)}"


def _place(drop: Drop) -> str:
    words = f"{drop.model} ({drop.path})"
    words += f", {drop.cte}" if drop.cte else ""
    words += f": {_short(drop.condition)}" if drop.condition else ""
    return words + (f": {drop.why}" if drop.why else "")


def _rows(story: Story) -> str:
    cells = [
        (each.row_ref, _time(each.event_time), each.bucket or "none", _row_note(each))
        for each in story.rows[:ROWS_SHOWN]
    ]
    words = table(("source row", "time", "bucket", "why"), cells)
    more = len(story.rows) - ROWS_SHOWN
    return words + (f"\nand {more:,} more: --output json has all" if more > 0 else "")


def _row_note(row: SourceRow) -> str:
    if row.drop:
        return f"outside the scope, {row.drop.model}" if row.drop.scope_start else _place(row.drop)
    if row.replaced_by:
        return f"replaced by {row.replaced_by}"
    return _MEANINGS.get(row.bucket, "its basket is lost")


def _sale(sale: SaleStory, story: Story) -> str:
    facts = [
        ("sale", f"{sale.event_name or 'nothing'}, {sale.action_source or 'nowhere'}"),
        ("order id", sale.order_id or "none"),
        ("time", _time(sale.event_time) or "none that can be read"),
        ("sendable", _window(sale, story.build.as_of)),
        ("value", f"{_amount(sale.value)} {sale.currency or ''}".strip()),
        ("lines", f"{sale.lines:,}"),
        ("dataset", sale.dataset_id or "none"),
        ("event key", sale.event_key or "none: it was judged before"),
        ("sale key", sale.sale_key or "none"),
    ]
    words = _pairs(facts)
    words += f"\n\n{_customer(sale.fields)}"
    problems = [f"{word}: {meaning}" for word, meaning in sale.problems.items()]
    return "\n".join([words, *problems])


def _amount(value: str | None) -> str:
    """With two places at least, and no more zeros than that."""
    if value is None:
        return "none"
    whole, _, part = value.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


def _customer(fields: Sequence[Field]) -> str:
    """What is known of the customer; normal forms are told where they were asked for."""
    if not fields:
        return "customer   nothing of it was hashed"
    columns: dict[str, list[tuple[str, ...]]] = {
        "customer": [(each.name,) for each in fields],
        "as written": [each.written for each in fields],
        "normalised": [each.normal for each in fields],
        "sent": [each.sent for each in fields],
    }
    told = {name: values for name, values in columns.items() if any(values)}
    cells = ([", ".join(values) for values in row] for row in zip(*told.values(), strict=True))
    return table(list(told), cells)


def _window(sale: SaleStory, as_of: int | None) -> str:
    if sale.sendable_until is None:
        return "never: without a time and an action source there is no window"
    if as_of is None:
        return f"until {_time(sale.sendable_until)}"
    left = sale.sendable_until - as_of
    days = f"{abs(left) / 86400:.1f} days"
    tail = f"{days} left at the build" if left >= 0 else f"{days} before the build"
    return f"until {_time(sale.sendable_until)}, {tail}"


def _steps(story: Story) -> str:
    cells = [(each.model, each.rows, each.path) for each in story.steps]
    return table(("model", "rows of it", "file"), cells)


def _written(written: Iterable[Written]) -> str:
    cells = list(_written_cells(written))
    if not cells:
        return "the ledger has nothing of it: it never left"
    header = ("ledger", "meaning", "time", "run", "batch", "attempts", "code", "fbtrace_id")
    said = [f"the edge said: {each}" for each in dict.fromkeys(w.message for w in written) if each]
    return "\n".join([table(header, cells), *said])


def _written_cells(written: Iterable[Written]) -> Iterator[tuple[object, ...]]:
    for each in written:
        code = "/".join(str(part) for part in (each.code, each.subcode) if part is not None)
        yield (
            each.state,
            _STATES.get(each.state, ""),
            _time(each.written_at),
            each.run_id,
            each.batch,
            each.attempt or "",
            code,
            each.fbtrace_id,
        )


def _pairs(facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{name:<10} {value}" for name, value in facts)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CONDITION else f"{text[:LONGEST_CONDITION]}…"


def _time(moment: float | None) -> str:
    return "" if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"

"""What a store suddenly sells, knows or charges, beside the same weekdays of two weeks before.

The last day, and the last three, are set beside the same days one and two weeks earlier: a quiet
Sunday is no news. What chance alone may do is none either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt

from tillpost.pipeline.audit_cells import FIELDS, Cell, by, summed
from tillpost.pipeline.audit_findings import FEWEST, Finding, Judge, Place, percent
from tillpost.pipeline.snapshots import SECONDS_PER_DAY

_WEEKS = (7, 14)
_WINDOWS = (1, 3)
_SIGMAS = 4


@dataclass(frozen=True, kw_only=True)
class _Window:
    """Sales of the last days, and of the same weekdays before: their counts are of both weeks."""

    source: str
    store: str | None
    day: int
    days: int
    now: tuple[Cell, ...]
    before: tuple[Cell, ...]

    @property
    def words(self) -> str:
        """The days as people write them."""
        last = f"{datetime.fromtimestamp(self.day, UTC):%Y-%m-%d}"
        return f"on {last}" if self.days == 1 else f"in the {self.days} days to {last}"


def sudden_changes(cells: tuple[Cell, ...], judge: Judge, *, now: int) -> Iterator[Finding]:
    """What changed by more than the limits; each thing once, in the shortest window."""
    sold_once = [each for each in cells if each.day is not None and each.bucket != "duplicate"]
    for source, its in by(sold_once, lambda each: each.source).items():
        last = _last_day(its, now=now)
        for store, sold in by(its, lambda each: each.store).items():
            by_day = by(sold, lambda each: each.day or 0)
            windows = [
                _window(by_day, source=source, store=store, last=last, days=days)
                for days in _WINDOWS
            ]
            for kind in (_sales, _values, _coverage):
                yield from _first(kind(judge, window) for window in windows)


def _first(found: Iterator[list[Finding]]) -> list[Finding]:
    return next(filter(None, found), [])


def _last_day(cells: list[Cell], *, now: int) -> int:
    """The newest day of a source that is over; one that was hardly exported yet is not."""
    yesterday = now - now % SECONDS_PER_DAY - SECONDS_PER_DAY
    newest = max((each.day for each in cells if each.day and each.day <= yesterday), default=0)
    window = _window(
        by(cells, lambda each: each.day or 0), source="", store="", last=newest, days=1
    )
    is_part = summed(window.now).sales < summed(window.before).sales / len(_WEEKS) / 2
    return newest - SECONDS_PER_DAY if is_part else newest


def _window(
    by_day: dict[int, list[Cell]], *, source: str, store: str | None, last: int, days: int
) -> _Window:
    recent = [last - number * SECONDS_PER_DAY for number in range(days)]
    before = [day - week * SECONDS_PER_DAY for day in recent for week in _WEEKS]
    return _Window(
        source=source,
        store=store,
        day=last,
        days=days,
        now=tuple(each for day in recent for each in by_day.get(day, ())),
        before=tuple(each for day in before for each in by_day.get(day, ())),
    )


def _sales(judge: Judge, window: _Window) -> list[Finding]:
    sales, usual = summed(window.now).sales, summed(window.before).sales / len(_WEEKS)
    if max(sales, usual) < FEWEST or _is_chance(sales, usual):
        return []
    return _found(
        judge,
        window,
        sales,
        usual,
        what=f"{sales:,} sales {window.words}, {usual:,.0f} on the same weekdays before",
        fix="see whether its till still exports, and each sale once",
    )


def _values(judge: Judge, window: _Window) -> list[Finding]:
    """What a sale is worth, by currency."""
    earlier = by(window.before, lambda each: each.currency)
    found: list[Finding] = []
    for currency, cells in by(window.now, lambda each: each.currency).items():
        now, before = summed(cells), summed(earlier.get(currency, []))
        if not currency or min(now.sales, before.sales) < FEWEST:
            continue
        mean, usual = now.value / now.sales, before.value / before.sales
        found += _found(
            judge,
            window,
            mean,
            usual,
            what=f"a sale is worth {mean:,.2f} {currency} {window.words}, {usual:,.2f} before",
            fix="see whether amounts lost their decimal comma, or are net where they were gross",
        )
    return found


def _coverage(judge: Judge, window: _Window) -> list[Finding]:
    """Fields that customers had and have no more."""
    now, before = summed(window.now), summed(window.before)
    if min(now.looked_at, before.looked_at) < FEWEST:
        return []
    found: list[Finding] = []
    for field, valid, earlier in zip(FIELDS, now.valid, before.valid, strict=True):
        share, usual = valid / now.looked_at, earlier / before.looked_at
        if share < usual and not _is_chance(valid, usual * now.looked_at):
            shares = (
                f"{percent(share)} of sales have {field} {window.words}, {percent(usual)} before"
            )
            found += _found(
                judge,
                window,
                share,
                usual,
                what=shares,
                fix="see whether the column was renamed, emptied or is asked for no more",
                field=field,
            )
    return found


def _found(  # noqa: PLR0913  what was measured, and the words for it
    judge: Judge,
    window: _Window,
    number: float,
    usual: float,
    *,
    what: str,
    fix: str,
    field: str = "",
) -> list[Finding]:
    """A drop or a jump; what was never there before is new, and neither."""
    if usual <= 0:
        return []
    is_drop = number < usual
    found = judge.find(
        "max_drop" if is_drop else "max_jump",
        1 - number / usual if is_drop else number / usual,
        what=what,
        fix=fix,
        place=Place(source=window.source, store=window.store, day=window.day, field=field),
    )
    return list(found)


def _is_chance(number: float, expected: float) -> bool:
    return abs(number - expected) <= _SIGMAS * sqrt(max(number, expected))

"""Clocks: a run's own, and whether ledger and edge agree with it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tillpost.errors import UsageError

if TYPE_CHECKING:
    from tillpost.edge import Edge
    from tillpost.ledger import Book

TOLERANCE = 300
"""Seconds by which two clocks may differ."""
_MEND = "set this machine's clock right (a time service does), then run the same command again"


def wall_clock() -> float:
    """Now, in epoch seconds."""
    return datetime.now(UTC).timestamp()


def run_clock() -> Callable[[], float]:
    """A clock that begins with the machine's and then moves on evenly, whatever that is set to."""
    # Where there is such a clock, it also counts the time that a machine slept.
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    ahead = wall_clock() - time.clock_gettime(kind)
    return lambda: ahead + time.clock_gettime(kind)


def require_ledger_clock(ledger: "Book", *, now: float) -> None:
    """Make sure that no event left in the future.

    Raises:
        UsageError: the clock is behind it, so that Meta's 7 days would be measured wrongly.
    """
    newest = ledger.newest_left()
    if newest is not None and newest > now + TOLERANCE:
        raise UsageError(
            "the ledger was written later than now",
            why=f"events left at {_shown(newest)}, and this machine's clock says {_shown(now)}",
            fix=_MEND,
        )


def require_edge_clock(edge: "Edge", *, now: float) -> bool:
    """Make sure that the edge has the same time; says whether it told its own.

    Raises:
        UsageError: it has another time.
    """
    there = edge.clock()
    if there is not None and abs(there - now) > TOLERANCE:
        raise UsageError(
            "this machine's clock is not the edge's",
            why=f"this machine says {_shown(now)}, the edge says {_shown(there)}",
            fix=_MEND,
        )
    return there is not None


def _shown(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"

"""The targets: ratios within one run, and what was measured of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

Results = dict[str, Any]
ROOM_FOR_GROWTH = 1.1


@dataclass(frozen=True, kw_only=True)
class Target:
    """One figure that is wanted, and the one that was measured, None where it was not."""

    name: str
    wanted: float
    measured: float | None
    at_least: bool = False
    unit: str = "times"

    @property
    def is_reached(self) -> bool:
        """Whether it is; what was not measured is not."""
        if self.measured is None:
            return False
        return self.measured >= self.wanted if self.at_least else self.measured <= self.wanted

    @property
    def missing(self) -> str:
        """By which factor it is missed."""
        if self.measured is None:
            return "not measured"
        if self.is_reached:
            return "reached"
        short = self.wanted / self.measured if self.at_least else self.measured / self.wanted
        return f"missed by a factor of {short:.1f}"


def targets(results: Results) -> Iterator[Target]:
    """All of them, for the largest size that was measured."""
    *_, largest = sizes = results["sizes"]
    yield from _of_speed(results, largest)
    yield from _of_size(largest, *sizes[-2:-1])
    yield from _of_nights(results.get("nightly", {}), largest)
    started = results["start"]
    yield Target(name="`--help`", wanted=0.15, measured=seconds(started, "help"), unit="s")
    yield Target(name="`plan` on the demo", wanted=1, measured=seconds(started, "plan"), unit="s")


def _of_speed(results: Results, largest: Results) -> Iterator[Target]:
    peers, sending = results.get("peers", {}), results["parts"]["sending"]
    made, sent = speed(largest, "build"), speed(largest, "build", "send")
    over_sdk = ratio(made, speed(peers, "sdk_payloads"))
    over_limit = ratio(seconds(largest, "build"), seconds(largest, "every_line"))
    over_drt = ratio(sent, speed(peers, "drt_sent"))
    over_sdk_sent = ratio(sent, speed(peers, "sdk_sent"))
    of_client = sending.get("at_once", {}).get("ratio")
    least = partial(Target, at_least=True)
    yield least(name="rows to payloads, by the SDK's speed", wanted=25, measured=over_sdk)
    yield Target(
        name="rows to payloads, by reading and SHA-256 of every line",
        wanted=2.5,
        measured=over_limit,
    )
    yield least(name="rows to the edge, by drt's speed", wanted=10, measured=over_drt)
    yield least(name="rows to the edge, by the SDK's speed", wanted=20, measured=over_sdk_sent)
    yield least(name="sending, by posting ready-made bodies", wanted=0.8, measured=of_client)


def _of_size(largest: Results, smaller: Results | None = None) -> Iterator[Target]:
    lines = largest["lines"]
    yield Target(
        name=f"peak memory at {lines:,} lines (asked: 50 million)",
        wanted=1536,
        measured=memory(largest),
        unit="MB",
    )
    if smaller is None:
        return
    words = f"from {smaller['lines']:,} to {lines:,} lines (asked: from 10 to 50 million)"
    longer = ratio(seconds(largest, "build", "send"), seconds(smaller, "build", "send"))
    more = ratio(memory(largest), memory(smaller))
    yield Target(name=f"peak memory {words}", wanted=ROOM_FOR_GROWTH, measured=more)
    yield Target(
        name=f"time {words}", wanted=ROOM_FOR_GROWTH * lines / smaller["lines"], measured=longer
    )


def _of_nights(nightly: Results, largest: Results) -> Iterator[Target]:
    keys = nightly.get("ledger", {}).get("events", 0)
    yield Target(
        name=f"a night over {keys:,} keys (asked: 100 million), by over none",
        wanted=1.3,
        measured=ratio(seconds(nightly, "full_ledger"), seconds(nightly, "empty_ledger")),
    )
    yield Target(
        name="62 days of which 98 % are sent, by the first run",
        wanted=0.2,
        measured=ratio(seconds(largest, "second_run"), seconds(largest, "build", "send")),
    )


def seconds(figures: Results, *steps: str) -> float | None:
    """The seconds of these steps together, None where one was not measured or failed."""
    taken = [figures.get(step, {}) for step in steps]
    if any("seconds" not in each or each.get("code") for each in taken):
        return None
    return float(sum(each["seconds"] for each in taken))


def speed(figures: Results, *steps: str) -> float | None:
    """Lines a second."""
    return ratio(figures.get("lines"), seconds(figures, *steps))


def memory(figures: Results) -> float | None:
    """The most memory that a first run held, in MB."""
    if seconds(figures, "build", "send") is None:
        return None
    return float(max(figures[step]["peak_mb"] for step in ("build", "send")))


def ratio(one: float | None, other: float | None) -> float | None:
    """One by the other, where both are known."""
    return one / other if one is not None and other else None

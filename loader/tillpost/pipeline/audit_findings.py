"""What an audit finds: something beyond its limit, where it is, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tillpost.project.thresholds import Thresholds

FEWEST = 20
"""Of fewer sales no share is told: it may be chance."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is: as much of it as applies; ``day`` is a UTC day's first second."""

    source: str = ""
    store: str | None = None
    dataset_id: str = ""
    field: str = ""
    day: int | None = None
    row_ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something beyond its limit: what, where and what to do; never of any customer."""

    check: str
    is_failure: bool
    what: str
    fix: str
    measured: float
    limit: float
    place: Place

    @property
    def severity(self) -> str:
        """A failure where the project sets a limit, else a warning."""
        return "failure" if self.is_failure else "warning"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """What is beyond a limit becomes a finding."""

    thresholds: Thresholds

    def find(
        self, check: str, measured: float, *, what: str, fix: str, place: Place
    ) -> Iterator[Finding]:
        """The finding, if it is one."""
        limit = self.thresholds.limit(check)
        if measured < limit if check.startswith("min_") else measured > limit:
            yield self.finding(check, measured, what=what, fix=fix, place=place)

    def finding(self, check: str, measured: float, *, what: str, fix: str, place: Place) -> Finding:
        """What is known to be beyond the limit."""
        return Finding(
            check=check,
            is_failure=self.thresholds.is_set(check),
            what=what,
            fix=fix,
            measured=round(measured, 4),
            limit=self.thresholds.limit(check),
            place=place,
        )


def percent(share: float) -> str:
    """A share as people write it."""
    return f"{share:.0%}" if share in (0, 1) else f"{min(max(share, 0.001), 0.999):.1%}"

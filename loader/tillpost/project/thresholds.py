"""The variable ``audit``: from which point on what `tillpost audit` finds is a failure."""

import math
from dataclasses import dataclass
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.yaml_file import unknown_keys


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something to be measured: ``limit`` is where a warning begins, and what it is a limit of."""

    limit: float
    meaning: str
    largest: float = 1.0

    @property
    def words(self) -> str:
        """What a limit may be."""
        if self.largest == 1:
            return "a share, 0 to 1"
        return "a number, 0 or more" if math.isinf(self.largest) else f"0 to {self.largest:g}"


_COUNT = math.inf
CHECKS = {
    "min_match_share": Check(limit=0.5, meaning="sales that Meta can match"),
    "min_contact_share": Check(limit=0.5, meaning="sales with e-mail, phone or mobile id"),
    "max_dropped_share": Check(limit=0.05, meaning="values of a field that are no use"),
    "max_rejected_share": Check(limit=0.05, meaning="sales rejected for one reason"),
    "max_duplicate_share": Check(limit=0.1, meaning="sales that another one stands for"),
    "max_zero_share": Check(limit=0.02, meaning="sales worth nothing"),
    "max_refund_share": Check(limit=0.25, meaning="sales worth less than nothing"),
    "max_outliers": Check(limit=0, meaning="sales worth far more than others", largest=_COUNT),
    "min_currency_share": Check(limit=0.02, meaning="a store's sales in each of its currencies"),
    "max_split_share": Check(limit=0.01, meaning="sales in pieces"),
    "max_frequent_hashes": Check(limit=0, meaning="hashes of too many sales", largest=_COUNT),
    "min_fresh_share": Check(limit=0.5, meaning="sales under 3 days old"),
    "max_silent_hours": Check(limit=48, meaning="hours since the newest sale", largest=_COUNT),
    "min_upload_days": Check(limit=12, meaning="days of the last 14 with an upload", largest=14),
    "max_drop": Check(limit=0.5, meaning="what a store suddenly loses"),
    "max_jump": Check(limit=3, meaning="times as much as a store usually has", largest=_COUNT),
}
"""What is measured, by its name in the project file."""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The limits that the project sets; what is beyond one of them is a failure."""

    given: dict[str, float]

    def limit(self, check: str) -> float:
        """Where a finding begins."""
        return self.given.get(check, CHECKS[check].limit)

    def is_set(self, check: str) -> bool:
        """Whether a finding is a failure."""
        return check in self.given


def thresholds(variables: dict[str, Any]) -> Thresholds:
    """The project's limits, once they are known to be good."""
    block = variables.get("audit") or {}
    return Thresholds(given={name: float(value) for name, value in block.items()})


def threshold_errors(block: object, *, where: str) -> list[UsageError]:
    """All that is wrong with the variable ``audit``."""
    if block is None:
        return []
    if not isinstance(block, dict):
        return [
            UsageError(
                'the variable "audit" must be a mapping of limits',
                where=where,
                fix="audit: {min_match_share: 0.6}",
            )
        ]
    where = f"{where}.audit"
    errors = unknown_keys(block, CHECKS, where=where, of="an audit")
    errors += [
        UsageError(f'"{name}" must be {check.words}', where=where)
        for name, check in CHECKS.items()
        if name in block and not _is_limit(block[name], check.largest)
    ]
    return errors


def _is_limit(value: object, largest: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and 0 <= value <= largest

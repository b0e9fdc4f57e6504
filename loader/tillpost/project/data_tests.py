"""Tests of what is built: those that a YAML file declares, and how any of them counts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.keys import Keys

GENERIC = {
    "not_null": frozenset[str](),
    "unique": frozenset[str](),
    "accepted_values": frozenset({"values", "quote"}),
    "relationships": frozenset({"to", "field"}),
}
CUSTOM = "test_"
"""Under which prefix a ``{% test name(…) %}`` is a macro, as in dbt."""
SEVERITIES = ("error", "warn")
CONFIG = frozenset(
    {"severity", "where", "limit", "error_if", "warn_if", "store_failures", "enabled"}
)
TEST_CONFIG = Keys(
    of="a test's config",
    taken=CONFIG | {"tags", "meta"},
    refused={
        "fail_calc": "take it out: bad rows are counted",
        "store_failures_as": "store_failures: true, which makes a table",
        **dict.fromkeys(("alias", "schema", "database"), "name: …, which names its table, too"),
    },
)
BESIDE = frozenset({"name", "config", "arguments", "description", "tags", "meta"})
_THRESHOLD = re.compile(r"\s*(?P<sign>=|==|!=|<>|>=|<=|>|<)\s*(?P<number>\d+)\s*")


@dataclass(frozen=True, kw_only=True)
class TestConfig:
    """How a test counts.

    Args:
        severity: whether bad rows are an error or a warning.
        where: a condition of the rows that are tested at all.
        limit: how many bad rows are counted at most; 0 for all.
        error_if: from how many on they are an error, such as ``>10``.
        warn_if: the same for a warning.
        store_failures: whether the keys of bad rows are kept in a table.
        enabled: whether it is run.
    """

    __test__ = False

    severity: str = "error"
    where: str = ""
    limit: int = 0
    error_if: str = "!=0"
    warn_if: str = "!=0"
    store_failures: bool = False
    enabled: bool = True

    def verdict(self, failures: int) -> str:
        """What so many bad rows are: ``error``, ``warn``, or nothing."""
        if self.severity == "error" and is_reached(self.error_if, failures):
            return "error"
        return "warn" if is_reached(self.warn_if, failures) else ""


@dataclass(frozen=True, kw_only=True)
class DataTest:
    """One test: a generic one with its arguments, or a singular one with its SQL.

    ``on`` is the Jinja expression of the relation tested, such as ``ref('events')``; ``settings``
    are those of `TestConfig` that YAML gives it, which win over those in its SQL, and these over
    the ``defaults`` of its folder.
    """

    name: str
    file: str
    kind: str
    on: str = ""
    column: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    sql: str = ""


def read_config(settings: Mapping[str, Any], *, where: str, errors: list[UsageError]) -> TestConfig:
    """What a test's configuration says; what it cannot say is told."""
    given = {key: value for key, value in settings.items() if key in CONFIG}
    checks: dict[str, tuple[Callable[[object], bool], str]] = {
        "severity": (_is_severity, " or ".join(SEVERITIES)),
        "where": (_is_condition, "a condition"),
        "limit": (_is_count, "a whole number of rows"),
        "error_if": (_is_threshold, 'a threshold such as ">10"'),
        "warn_if": (_is_threshold, 'a threshold such as ">10"'),
        "store_failures": (_is_switch, "true or false"),
        "enabled": (_is_switch, "true or false"),
    }
    for key, (is_good, words) in checks.items():
        if given.get(key) is None:
            given.pop(key, None)
        elif not is_good(given[key]):
            given.pop(key)
            errors.append(UsageError(f'"{key}" of a test must be {words}', where=where))
    if "severity" in given:
        given["severity"] = str(given["severity"]).lower()
    return TestConfig(**given)


def is_reached(threshold: str, failures: int) -> bool:
    """Whether so many bad rows fulfil a condition such as ``>10``."""
    found = _THRESHOLD.fullmatch(threshold)
    if found is None:
        return bool(failures)
    number = int(found["number"])
    return {
        "=": failures == number,
        "!": failures != number,
        ">": failures >= number if "=" in found["sign"] else failures > number,
        "<": failures <= number if "=" in found["sign"] else failures < number,
    }["!" if found["sign"] in ("!=", "<>") else found["sign"][0]]


def _is_severity(value: object) -> bool:
    return str(value).lower() in SEVERITIES


def _is_condition(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_threshold(value: object) -> bool:
    return bool(_THRESHOLD.fullmatch(str(value)))

"""Tests of what is built: those that a YAML file declares, and how any of them counts."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.yaml_file import mapping, sequence, unknown_keys, unknown_name

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
    are those of `TestConfig` that YAML gives it, which win over those in its SQL.
    """

    name: str
    file: str
    kind: str
    on: str = ""
    column: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    sql: str = ""


def read_declared_tests(  # noqa: PLR0913  what is tested and where it stands, all in messages
    entry: Mapping[str, Any],
    columns: Iterable[Mapping[str, Any]],
    *,
    on: str,
    owner: str,
    file: str,
    errors: list[UsageError],
) -> list[DataTest]:
    """The tests of a relation and of its ``columns:``, in dbt's format, old and new."""
    tests = []
    for holder, column in ((entry, ""), *((each, str(each.get("name"))) for each in columns)):
        where = f"{file} {owner}.{column}" if column else f"{file} {owner}"
        declared = holder.get("data_tests", holder.get("tests"))
        for each in sequence(declared, where=where, key="data_tests"):
            kind, given = (each, {}) if isinstance(each, str) else _only_item(each, where=where)
            settings = given | mapping(given.get("config"), where=where, key="config")
            named = mapping(given.get("arguments"), where=where, key="arguments")
            beside = {key: value for key, value in given.items() if key not in CONFIG | BESIDE}
            read_config(settings, where=where, errors=errors)
            plain = "_".join(part for part in (kind, owner, column) if part)
            tests.append(
                DataTest(
                    name=str(settings.get("name") or plain),
                    file=where,
                    kind=str(kind),
                    on=on,
                    column=column,
                    arguments=beside | named,
                    settings={key: value for key, value in settings.items() if key in CONFIG},
                )
            )
    return tests


def read_config(settings: Mapping[str, Any], *, where: str, errors: list[UsageError]) -> TestConfig:
    """What a test's configuration says; what it cannot say is told."""
    given = {key: value for key, value in settings.items() if key in CONFIG}
    checks: dict[str, tuple[Callable[[object], bool], str]] = {
        "severity": (_is_severity, " or ".join(SEVERITIES)),
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


def declaration_errors(tests: Iterable[DataTest], macros: Collection[str]) -> list[UsageError]:
    """An error for each test that is none, or that is given what it does not take."""
    errors: list[UsageError] = []
    for test in tests:
        if test.kind == "singular" or CUSTOM + test.kind in macros:
            continue
        if test.kind not in GENERIC:
            what = "there is no such test"
            own = {name.removeprefix(CUSTOM) for name in macros if name.startswith(CUSTOM)}
            errors.append(unknown_name(test.kind, own | set(GENERIC), where=test.file, what=what))
            continue
        takes, of = GENERIC[test.kind], f"the test {test.kind}"
        errors += unknown_keys(test.arguments, takes, where=test.file, of=of)
        errors += [
            UsageError(f'{of} needs "{key}"', where=test.file)
            for key in sorted(takes - {"quote"} - set(test.arguments))
        ]
        if not test.column:
            errors.append(UsageError(f"{of} is a column's", where=test.file, fix="below columns:"))
    return errors


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


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_threshold(value: object) -> bool:
    return bool(_THRESHOLD.fullmatch(str(value)))


def _only_item(entry: object, *, where: str) -> tuple[str, dict[str, Any]]:
    named = mapping(entry, where=where, key="data_tests")
    if len(named) != 1:
        raise UsageError("a test is a name, or a name with its arguments", where=where)
    kind, given = next(iter(named.items()))
    return str(kind), mapping(given, where=where, key=str(kind))

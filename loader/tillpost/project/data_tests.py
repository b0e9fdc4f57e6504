"""Tests that a YAML file declares on a column: what to check, on which relation."""

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
SETTINGS = frozenset({"name", "severity", "where", "config", "arguments", "description"})


@dataclass(frozen=True, kw_only=True)
class DataTest:
    """One test: a generic one with its arguments, or a singular one with its SQL.

    ``on`` is the Jinja expression of the relation tested, such as ``ref('events')``.
    """

    name: str
    file: str
    kind: str
    severity: str = "error"
    on: str = ""
    column: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    where: str = ""
    sql: str = ""


def read_column_tests(
    columns: list[dict[str, Any]], *, on: str, owner: str, file: str, errors: list[UsageError]
) -> list[DataTest]:
    """The tests below ``columns:``, in dbt's format, old and new."""
    tests = []
    for column in columns:
        where = f"{file} {owner}.{column.get('name')}"
        declared = column.get("data_tests", column.get("tests"))
        for entry in sequence(declared, where=where, key="data_tests"):
            test = _read_test(entry, column, on=on, owner=owner, where=where, errors=errors)
            if test:
                tests.append(test)
    return tests


def _read_test(  # noqa: PLR0913  the six say where a test stands, all of them in messages
    entry: object,
    column: dict[str, Any],
    *,
    on: str,
    owner: str,
    where: str,
    errors: list[UsageError],
) -> DataTest | None:
    kind, given = (entry, {}) if isinstance(entry, str) else _only_item(entry, where=where)
    if kind not in GENERIC:
        errors.append(unknown_name(kind, GENERIC, where=where, what="there is no such test"))
        return None
    settings = given | mapping(given.get("config"), where=where, key="config")
    arguments = {
        key: value
        for key, value in (
            given | mapping(given.get("arguments"), where=where, key="arguments")
        ).items()
        if key not in SETTINGS
    }
    errors += unknown_keys(arguments, GENERIC[kind], where=where, of=f"the test {kind}")
    missing = GENERIC[kind] - {"quote"} - set(arguments)
    errors += [UsageError(f'the test {kind} needs "{key}"', where=where) for key in sorted(missing)]
    if missing:
        return None
    return DataTest(
        name=str(settings.get("name") or f"{kind}_{owner}_{column.get('name')}"),
        file=where,
        kind=kind,
        severity=str(settings.get("severity", "error")),
        on=on,
        column=str(column.get("name")),
        arguments=arguments,
        where=str(settings.get("where", "")),
    )


def _only_item(entry: object, *, where: str) -> tuple[str, dict[str, Any]]:
    named = mapping(entry, where=where, key="data_tests")
    if len(named) != 1:
        raise UsageError("a test is a name, or a name with its arguments", where=where)
    kind, given = next(iter(named.items()))
    return str(kind), mapping(given, where=where, key=str(kind))

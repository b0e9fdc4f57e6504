"""Tests that YAML files declare below relations and columns, in dbt's format, old and new."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.data_tests import (
    BESIDE,
    CONFIG,
    CUSTOM,
    GENERIC,
    TEST_CONFIG,
    DataTest,
    read_config,
)
from tillpost.project.folder_config import Inside, folder_config, inside
from tillpost.project.keys import key_errors, tags_of
from tillpost.project.yaml_file import mapping, sequence, unknown_keys, unknown_name

_RELATION = re.compile(r"\s*(ref|source)\s*\(")


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
        if "data_tests" in holder and "tests" in holder:
            what, fix = '"tests" and "data_tests" are the same', "put all of them below data_tests"
            errors.append(UsageError(what, where=where, fix=fix))
        declared = holder.get("data_tests", holder.get("tests"))
        for each in sequence(declared, where=where, key="data_tests"):
            kind, given = (each, {}) if isinstance(each, str) else _only_item(each, where=where)
            plain = "_".join(part for part in (kind, owner, column) if part)
            test = DataTest(name=plain, file=where, kind=kind, on=on, column=column)
            tests.append(_configured(test, given, tags=tags_of(holder), errors=errors))
    return tests


def _configured(
    test: DataTest, given: Mapping[str, Any], *, tags: Iterable[str], errors: list[UsageError]
) -> DataTest:
    """A test with what its entry says: arguments and configuration may stand side by side."""
    where = test.file
    config = mapping(given.get("config"), where=where, key="config")
    errors += key_errors(config, TEST_CONFIG, where=where)
    settings = {**given, **config}
    read_config(settings, where=where, errors=errors)
    beside = {key: value for key, value in given.items() if key not in CONFIG | BESIDE}
    return replace(
        test,
        name=str(given.get("name") or test.name),
        arguments=beside | mapping(given.get("arguments"), where=where, key="arguments"),
        settings={key: value for key, value in settings.items() if key in CONFIG},
        tags=(*tags, *tags_of(given), *tags_of(config)),
    )


def under_folders(
    tests: Iterable[DataTest], tree: object, project: str, below: Iterable[str]
) -> tuple[DataTest, ...]:
    """The tests with what ``dbt_project.yml`` says of the folders that they stand in."""
    folders = tuple(below)
    found = []
    for test in tests:
        config = folder_config(tree, project, place_of(test, folders))
        found.append(replace(test, defaults=config, tags=(*tags_of(config), *test.tags)))
    return tuple(found)


def place_of(test: DataTest, below: Iterable[str]) -> Inside:
    """A test by the folders on the way to its file, and its name, as dbt has it."""
    return (*inside(test.file.partition(" ")[0], below)[:-1], test.name)


def tests_of_one_name(tests: Iterable[DataTest]) -> list[UsageError]:
    """An error for each test with a name that another has: one of them could not be chosen."""
    found: dict[str, str] = {}
    errors = []
    for test in tests:
        if test.name in found:
            what, why = f'there are two tests named "{test.name}"', f"one is at {found[test.name]}"
            errors.append(UsageError(what, where=test.file, why=why, fix="name: … beside config"))
        found[test.name] = test.file
    return errors


def declaration_errors(tests: Iterable[DataTest], macros: Collection[str]) -> list[UsageError]:
    """An error for each test that is none, or that is given what it does not take."""
    errors: list[UsageError] = []
    for test in tests:
        if test.kind == "singular" or CUSTOM + test.kind in macros:
            continue
        if test.kind not in GENERIC:
            own = {name.removeprefix(CUSTOM) for name in macros if name.startswith(CUSTOM)}
            what = "there is no such test"
            errors.append(unknown_name(test.kind, own | set(GENERIC), where=test.file, what=what))
            continue
        takes, of = GENERIC[test.kind], f"the test {test.kind}"
        errors += unknown_keys(test.arguments, takes, where=test.file, of=of)
        errors += [
            UsageError(f'{of} needs "{key}"', where=test.file)
            for key in sorted(takes - {"quote"} - set(test.arguments))
        ]
        errors += _argument_errors(test)
        if not test.column:
            errors.append(UsageError(f"{of} is a column's", where=test.file, fix="below columns:"))
    return errors


def _argument_errors(test: DataTest) -> list[UsageError]:
    values, to = test.arguments.get("values", [""]), test.arguments.get("to", "ref('x')")
    errors = []
    if not isinstance(values, list) or not values:
        errors.append(UsageError('"values" must be a list of them', where=test.file))
    if not _RELATION.match(str(to)):
        fix = f"ref('{to}')"
        errors.append(UsageError('"to" must be a ref or a source', where=test.file, fix=fix))
    return errors


def _only_item(entry: object, *, where: str) -> tuple[str, dict[str, Any]]:
    named = mapping(entry, where=where, key="data_tests")
    if len(named) != 1:
        raise UsageError("a test is a name, or a name with its arguments", where=where)
    kind, given = next(iter(named.items()))
    return str(kind), mapping(given, where=where, key=str(kind))

"""Unit tests that YAML files declare, in dbt's format: rows in, rows out, no data needed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tillpost.errors import Place, UsageError
from tillpost.project.folders import files, shown
from tillpost.project.keys import UNIT_TEST_CONFIG, key_errors, tags_of
from tillpost.project.unit_rows import FORMATS, ROW_KEYS, Rows, cells_of
from tillpost.project.variables import variable_errors
from tillpost.project.yaml_file import (
    lines_of,
    mapping,
    parse_yaml,
    read_text,
    sequence,
    text,
    unknown_keys,
    unknown_name,
)

KEYS = ("name", "model", "description", "given", "expect", "overrides", "config")
OVERRIDES = ("vars", "macros", "env_vars")
DEPTH = 4
"""``unit_tests``, a number, ``given``, a number: what messages give a line of."""
_INPUT = re.compile(
    r"ref\(\s*(?:['\"]\w+['\"]\s*,\s*)?['\"](?P<ref>\w+)['\"]\s*\)"
    r"|source\(\s*['\"](?P<group>\w+)['\"]\s*,\s*['\"](?P<table>\w+)['\"]\s*\)"
    r"|(?P<this>this)"
)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a relation holds while the test runs; ``name`` of a source is ``group.table``."""

    name: str
    is_source: bool
    rows: Rows


@dataclass(frozen=True, kw_only=True)
class UnitTest:
    """What a model must make of given rows."""

    name: str
    model: str
    place: Place
    given: tuple[Given, ...]
    expect: Rows
    vars: dict[str, Any] = field(default_factory=dict)
    macros: dict[str, Any] = field(default_factory=dict)
    env_vars: dict[str, str] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """What tells it from all others: two models may have tests of one name."""
        return f"{self.model}.{self.name}"


def read_unit_tests(
    root: Path, paths: Iterable[str], fixtures: Mapping[str, str], *, errors: list[UsageError]
) -> tuple[UnitTest, ...]:
    """Every enabled unit test of these files.

    Args:
        root: the project's folder.
        paths: the YAML files that declare some, relative to it.
        fixtures: the files that rows may stand in, by their names.
        errors: takes all that is wrong in any of them.
    """
    found: dict[tuple[str, str], UnitTest] = {}
    for path in paths:
        try:
            content = read_text(root / path, shown=path)
            entries = sequence(
                parse_yaml(content, shown=path).get("unit_tests"), where=path, key="unit_tests"
            )
        except UsageError as error:
            errors.append(error)
            continue
        lines = lines_of(content, depth=DEPTH)
        for number, entry in enumerate(entries):
            reading = _Reading(
                root=root, file=path, at=("unit_tests", number), lines=lines, fixtures=fixtures
            )
            test = reading.test(entry, errors)
            if test is None:
                continue
            other = found.setdefault((test.model, test.name), test)
            if other is not test:
                what = f'there are two unit tests of {test.model} named "{test.name}"'
                why = f"the other is at {other.place}"
                errors.append(
                    UsageError(what, where=test.place, why=why, fix="rename one of the two")
                )
    return tuple(found.values())


def fixture_files(root: Path, test_folders: Iterable[str]) -> dict[str, str]:
    """The files below ``fixtures`` in the folders of tests, by name with suffix."""
    below = [f"{folder}/fixtures" for folder in test_folders]
    return {path.name: shown(root, path) for path in files(root, below, ".csv", ".sql")}


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """One entry of one file, and where its parts stand there."""

    root: Path
    file: str
    at: tuple[str | int, ...]
    lines: Mapping[tuple[str | int, ...], int]
    fixtures: Mapping[str, str]

    def test(self, entry: object, errors: list[UsageError]) -> UnitTest | None:
        """The test, or nothing where it is not enabled or not understood."""
        try:
            values = mapping(entry, where=self._where(), key="unit_tests")
            name = text(values, "name", where=self._where())
            errors += unknown_keys(values, KEYS, where=self._where(), of="a unit test")
            config = mapping(values.get("config"), where=self._where(), key="config")
            errors += key_errors(config, UNIT_TEST_CONFIG, where=self._where())
            if not isinstance(config.get("enabled", True), bool):
                errors.append(UsageError('"enabled" must be true or false', where=self._where()))
            if config.get("enabled") is False:
                return None
            overrides = mapping(values.get("overrides"), where=self._where(), key="overrides")
            errors += unknown_keys(overrides, OVERRIDES, where=self._where(), of="overrides")
            variables = mapping(overrides.get("vars"), where=self._where(), key="vars")
            errors += variable_errors(variables, where=self._where())
            parts = {
                key: mapping(overrides.get(key), where=self._where(), key=key) for key in OVERRIDES
            }
            return UnitTest(
                name=name,
                model=text(values, "model", where=self._where()),
                place=self._place(),
                given=tuple(self._given(values, errors)),
                expect=self._rows(values.get("expect"), "expect", errors=errors),
                vars=parts["vars"],
                macros=parts["macros"],
                env_vars={key: str(value) for key, value in parts["env_vars"].items()},
                tags=frozenset(tags_of(config)),
            )
        except UsageError as error:
            errors.append(error)
            return None

    def _given(self, values: dict[str, Any], errors: list[UsageError]) -> Iterator[Given]:
        for number, entry in enumerate(
            sequence(values.get("given"), where=self._where(), key="given")
        ):
            where = self._where("given", number)
            given = mapping(entry, where=where, key="given")
            found = _INPUT.fullmatch(str(given.get("input", "")).strip())
            if found is None:
                what = f'"{given.get("input", "")}" is no input'
                fix = "input: ref('a model or seed'), source('group', 'table') or this"
                errors.append(UsageError(what, where=where, fix=fix))
                continue
            source = f"{found['group']}.{found['table']}" if found["group"] else ""
            yield Given(
                name=source or found["ref"] or str(values.get("model")),
                is_source=bool(source),
                rows=self._rows(
                    {key: value for key, value in given.items() if key != "input"},
                    "given",
                    number,
                    errors=errors,
                ),
            )

    def _rows(self, entry: object, *at: str | int, errors: list[UsageError]) -> Rows:
        where = self._where(*at)
        values = mapping(entry, where=where, key=str(at[0]))
        errors += unknown_keys(values, ROW_KEYS, where=where, of=str(at[0]))
        form = str(values.get("format", "dict"))
        if form not in FORMATS:
            raise unknown_name(form, FORMATS, where=where, what="there is no such format")
        rows = values.get("rows")
        if "fixture" in values:
            if rows is not None:
                raise UsageError('either "rows" or "fixture", not both', where=where)
            form, rows = self._fixture(str(values["fixture"]), form, where=where)
        if rows is None:
            if at[0] == "expect":
                raise UsageError('"expect" needs "rows"', where=where, fix="rows: [] for none")
            return Rows(place=self._place(*at))
        if form != "dict" and not isinstance(rows, str):
            raise UsageError(
                f'"rows" must be a text in the format {form}', where=where, fix="rows: |"
            )
        if form == "sql":
            return Rows(place=self._place(*at), sql=rows)
        cells = (
            cells_of(rows, where=where)
            if form == "csv"
            else sequence(rows, where=where, key="rows")
        )
        return Rows(
            place=self._place(*at),
            cells=tuple(mapping(row, where=where, key="a row") for row in cells),
        )

    def _fixture(self, name: str, form: str, *, where: str) -> tuple[str, str]:
        path = self.fixtures.get(f"{name}{FORMATS[form]}")
        if path is None:
            names = {each.rpartition(".")[0] for each in self.fixtures}
            raise unknown_name(name, names, where=where, what="there is no such fixture")
        return "sql" if form == "sql" else "csv", read_text(self.root / path, shown=path)

    def _place(self, *at: str | int) -> Place:
        """Where a part stands, or what is nearest around it."""
        path = (*self.at, *at)
        while path not in self.lines:
            path = path[:-1]
        return Place(file=self.file, line=self.lines[path])

    def _where(self, *at: str | int) -> str:
        return str(self._place(*at))

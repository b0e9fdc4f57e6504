"""What YAML says beside models and seeds: sources, tests and configuration."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.columns import column_errors, meta_of
from tillpost.project.data_tests import DataTest
from tillpost.project.declared_tests import declaration_errors, read_declared_tests
from tillpost.project.folders import all_folders, files, shown
from tillpost.project.keys import MODEL, MODEL_CONFIG, PROPERTIES, SEED, SEED_CONFIG, key_errors
from tillpost.project.sources import Source, read_sources
from tillpost.project.yaml_file import (
    did_you_mean,
    mapping,
    parse_yaml,
    read_text,
    sequence,
    text,
)

ENTRIES = {"models": MODEL, "seeds": SEED}
CONFIGS = {"models": MODEL_CONFIG, "seeds": SEED_CONFIG}
_TOP_KEY = re.compile(r"""^["']?(\w+)["']?[ \t]*:""", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the YAML files beside models and seeds declare; unit tests only by their files.

    ``macros`` are the names of all there are: a test may be one of them.
    """

    macros: frozenset[str]
    sources: list[Source]
    tests: list[DataTest]
    configs: dict[str, dict[str, Any]]
    files: dict[str, str]
    unit_test_files: list[str]


def read_properties(
    root: Path, settings: dict[str, Any], macros: Collection[str], *, errors: list[UsageError]
) -> Declared:
    """What every YAML file beside models and seeds says."""
    declared = Declared(
        macros=frozenset(macros), sources=[], tests=[], configs={}, files={}, unit_test_files=[]
    )
    for path in files(root, all_folders(settings), ".yml", ".yaml"):
        file = shown(root, path)
        try:
            written = read_text(path, shown=file)
            keys = set(_TOP_KEY.findall(written))
            if "unit_tests" in keys <= {"version", "unit_tests"}:
                declared.unit_test_files.append(file)
                continue  # read by whoever runs them: a build should not wait for it
            content = parse_yaml(written, shown=file)
            errors += key_errors(content, PROPERTIES, where=file)
            if "unit_tests" in content:
                declared.unit_test_files.append(file)
            _read_source_entries(content, file=file, declared=declared, errors=errors)
            for kind in ("models", "seeds"):
                _read_entries(content, kind, file=file, declared=declared, errors=errors)
        except UsageError as error:
            errors.append(error)
    return declared


def _read_source_entries(
    content: dict[str, Any], *, file: str, declared: Declared, errors: list[UsageError]
) -> None:
    for source, values, columns in read_sources(content, file=file, errors=errors):
        declared.sources.append(source)
        tests = read_declared_tests(
            values,
            columns,
            on=f"source('{source.source}', '{source.name}')",
            owner=f"{source.source}_{source.name}",
            file=file,
            errors=errors,
        )
        errors += declaration_errors(tests, declared.macros)
        declared.tests.extend(tests)


def _read_entries(
    content: dict[str, Any],
    kind: str,
    *,
    file: str,
    declared: Declared,
    errors: list[UsageError],
) -> None:
    for entry in sequence(content.get(kind), where=file, key=kind):
        values = mapping(entry, where=file, key=kind)
        name = text(values, "name", where=f"{file} {kind}")
        where = f"{file} {name}"
        if name in declared.files:
            what, why = f'"{name}" has two entries', f"the other is in {declared.files[name]}"
            errors.append(UsageError(what, where=where, why=why, fix="make one of the two"))
        declared.configs[name] = mapping(values.get("config"), where=where, key="config")
        declared.files[name] = file
        errors += key_errors(values, ENTRIES[kind], where=where)
        errors += key_errors(declared.configs[name], CONFIGS[kind], where=where)
        columns = [
            mapping(column, where=where, key="columns")
            for column in sequence(values.get("columns"), where=where, key="columns")
        ]
        tests = read_declared_tests(
            values, columns, on=f"ref('{name}')", owner=name, file=file, errors=errors
        )
        errors += declaration_errors(tests, declared.macros)
        errors += column_errors(columns, where=where)
        errors += _tag_errors(columns, kind, where=where)
        declared.tests.extend(tests)


def _tag_errors(columns: list[dict[str, Any]], kind: str, *, where: str) -> list[UsageError]:
    """A tag that says nothing here would be taken for one that protects."""
    why, fix = {
        "models": ("the proof follows the columns of sources", "tag it in sources.yml"),
        "seeds": ("a seed is stored as it is", "keep what is personal out of seeds"),
    }[kind]
    return [
        UsageError("pii is no tag of a column here", where=f"{where}.{name}", why=why, fix=fix)
        for column in columns
        if (name := column.get("name")) and meta_of(column, where=where).get("pii")
    ]


def unknown_resources(declared: Declared, known: Collection[str]) -> list[UsageError]:
    """An error for each YAML entry that names no model and no seed."""
    return [
        UsageError(
            f'there is no model or seed "{name}"',
            where=file,
            fix=did_you_mean(name, known) or "rename the entry, or delete it",
        )
        for name, file in declared.files.items()
        if name not in known
    ]


def sources_of_one_name(declared: Declared) -> list[UsageError]:
    """An error for each source with a name that another has."""
    found: dict[str, str] = {}
    errors = []
    for source in declared.sources:
        name = source.full_name
        if name in found:
            what, why = f'there are two sources named "{name}"', f"the other is in {found[name]}"
            errors.append(UsageError(what, where=source.file, why=why, fix="rename one of the two"))
        found[name] = source.file
    return errors

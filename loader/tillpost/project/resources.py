"""What the project's folders hold: models, seeds, macros, tests, and what YAML says of them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.data_tests import DataTest, read_column_tests
from tillpost.project.sources import Source, read_sources
from tillpost.project.yaml_file import mapping, read_yaml, sequence, text

PROJECT_FILE = "dbt_project.yml"
_MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\s*\(")


@dataclass(frozen=True, kw_only=True)
class Model:
    """One SELECT in one file; ``path`` is relative to the project."""

    name: str
    path: str
    sql: str
    config: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Seed:
    """One reference table in one CSV file."""

    name: str
    path: str
    column_types: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class MacroFile:
    """One file of macros, and the names it defines."""

    path: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the YAML files beside models and seeds declare."""

    sources: list[Source]
    tests: list[DataTest]
    configs: dict[str, dict[str, Any]]
    files: dict[str, str]


def _paths(settings: dict[str, Any], key: str, default: str) -> list[str]:
    return texts(settings.get(key, [default]))


def texts(value: object) -> list[str]:
    """A list of texts; one alone may stand without the list."""
    if isinstance(value, str):
        return [value]
    return [str(item) for item in sequence(value, where=PROJECT_FILE, key="a list")]


def _files(root: Path, folders: list[str], *suffixes: str) -> list[Path]:
    found = {
        path
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.suffix in suffixes and path.is_file()
    }
    return sorted(found)


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def read_properties(root: Path, settings: dict[str, Any], *, errors: list[UsageError]) -> Declared:
    """What every YAML file beside models and seeds says."""
    declared = Declared(sources=[], tests=[], configs={}, files={})
    folders = _paths(settings, "model-paths", "models") + _paths(settings, "seed-paths", "seeds")
    for path in _files(root, folders, ".yml", ".yaml"):
        file = _shown(root, path)
        try:
            content = read_yaml(path, shown=file)
            _read_source_entries(content, file=file, declared=declared, errors=errors)
            for kind in ("models", "seeds"):
                _read_entries(content, kind, file=file, declared=declared, errors=errors)
        except UsageError as error:
            errors.append(error)
    return declared


def _read_source_entries(
    content: dict[str, Any], *, file: str, declared: Declared, errors: list[UsageError]
) -> None:
    for source, columns in read_sources(content, file=file, errors=errors):
        declared.sources.append(source)
        declared.tests.extend(
            read_column_tests(
                columns,
                on=f"source('{source.source}', '{source.name}')",
                owner=f"{source.source}_{source.name}",
                file=file,
                errors=errors,
            )
        )


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
        declared.configs[name] = mapping(values.get("config"), where=where, key="config")
        declared.files[name] = file
        columns = [
            mapping(column, where=where, key="columns")
            for column in sequence(values.get("columns"), where=where, key="columns")
        ]
        declared.tests.extend(
            read_column_tests(columns, on=f"ref('{name}')", owner=name, file=file, errors=errors)
        )


def read_models(
    root: Path,
    settings: dict[str, Any],
    project: str,
    declared: Declared,
    *,
    errors: list[UsageError],
) -> dict[str, Model]:
    """Every model by name, with what folders and YAML configure."""
    models: dict[str, Model] = {}
    for folder in _paths(settings, "model-paths", "models"):
        for path in _files(root, [folder], ".sql"):
            file = _shown(root, path)
            if path.stem in models:
                errors.append(
                    UsageError(
                        f'there are two models named "{path.stem}"',
                        where=file,
                        why=f"the other is {models[path.stem].path}",
                        fix="rename one of the two",
                    )
                )
            inside = path.relative_to(root / folder).with_suffix("").parts
            config = _folder_config(settings.get("models"), project, inside)
            models[path.stem] = Model(
                name=path.stem,
                path=file,
                sql=path.read_text(encoding="utf-8"),
                config=config | declared.configs.get(path.stem, {}),
            )
    return models


def _folder_config(tree: object, project: str, inside: tuple[str, ...]) -> dict[str, Any]:
    """By dbt's rule: ``+key`` of the project, of each folder on the way, the deepest wins."""
    config: dict[str, Any] = {}
    level: object = mapping(tree, where=PROJECT_FILE, key="models or seeds")
    for part in (project, *inside, ""):
        if not isinstance(level, dict):
            break
        config |= {key[1:]: value for key, value in level.items() if key.startswith("+")}
        level = level.get(part)
    return config


def read_seeds(
    root: Path, settings: dict[str, Any], project: str, declared: Declared
) -> dict[str, Seed]:
    """Every seed by name."""
    seeds: dict[str, Seed] = {}
    for folder in _paths(settings, "seed-paths", "seeds"):
        for path in _files(root, [folder], ".csv"):
            inside = path.relative_to(root / folder).with_suffix("").parts
            config = _folder_config(settings.get("seeds"), project, inside)
            config |= declared.configs.get(path.stem, {})
            types = mapping(config.get("column_types"), where=path.stem, key="column_types")
            seeds[path.stem] = Seed(name=path.stem, path=_shown(root, path), column_types=types)
    return seeds


def read_macros(root: Path, settings: dict[str, Any]) -> tuple[MacroFile, ...]:
    """Every file of macros."""
    files = []
    for path in _files(root, _paths(settings, "macro-paths", "macros"), ".sql"):
        content = path.read_text(encoding="utf-8")
        names = tuple(_MACRO.findall(content))
        files.append(MacroFile(path=_shown(root, path), text=content, names=names))
    return tuple(files)


def read_singular_tests(root: Path, settings: dict[str, Any]) -> tuple[DataTest, ...]:
    """Every test that is a file of its own."""
    return tuple(
        DataTest(
            name=path.stem,
            file=_shown(root, path),
            kind="singular",
            sql=path.read_text(encoding="utf-8"),
        )
        for path in _files(root, _paths(settings, "test-paths", "tests"), ".sql")
    )


def unknown_resources(
    declared: Declared, models: dict[str, Model], seeds: dict[str, Seed]
) -> list[UsageError]:
    """An error for each YAML entry that names nothing."""
    return [
        UsageError(
            f'there is no model or seed "{name}"',
            where=file,
            fix="rename the entry, or delete it",
        )
        for name, file in declared.files.items()
        if name not in models and name not in seeds
    ]

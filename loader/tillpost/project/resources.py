"""What the project's folders hold: models, seeds, macros and tests."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.data_tests import CUSTOM, DataTest
from tillpost.project.folder_config import folder_config, inside, merged
from tillpost.project.folders import files, folders, shown
from tillpost.project.keys import tags_of
from tillpost.project.properties import Declared
from tillpost.project.yaml_file import mapping, read_text

_TYPE = re.compile(r"[A-Za-z_][\w ]*(\([\d, ]+\))?[\w \[\]]*")
_MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\s*\(")
_TEST = re.compile(r"({%[-+]?\s*)test(\s+)(\w+\s*\()")
_END_OF_TEST = re.compile(r"({%[-+]?\s*)endtest(\s*[-+]?%})")
GENERIC, FIXTURES = "generic", "fixtures"
"""Folders of dbt's below the tests: what is in them is no test of its own."""


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
    tags: tuple[str, ...] = ()

    def checksum(self, root: Path) -> str:
        """Of its rows, and of what is configured."""
        config = f"{sorted(self.column_types.items())}{self.tags}"
        return sha256((root / self.path).read_bytes() + config.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class MacroFile:
    """One file of macros, and the names it defines."""

    path: str
    text: str
    names: tuple[str, ...]


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
    for folder in folders(settings, "model-paths"):
        for path in files(root, [folder], ".sql"):
            file = shown(root, path)
            if path.stem in models:
                errors.append(
                    UsageError(
                        f'there are two models named "{path.stem}"',
                        where=file,
                        why=f"the other is {models[path.stem].path}",
                        fix="rename one of the two",
                    )
                )
            config = folder_config(settings.get("models"), project, inside(file, [folder]))
            models[path.stem] = Model(
                name=path.stem,
                path=file,
                sql=_sql(path, file, errors),
                config=merged(config, declared.configs.get(path.stem, {})),
            )
    return models


def read_seeds(
    root: Path, settings: dict[str, Any], project: str, declared: Declared
) -> dict[str, Seed]:
    """Every seed by name."""
    seeds: dict[str, Seed] = {}
    for folder in folders(settings, "seed-paths"):
        for path in files(root, [folder], ".csv"):
            at = inside(shown(root, path), [folder])
            config = folder_config(settings.get("seeds"), project, at)
            config = merged(config, declared.configs.get(path.stem, {}))
            types = mapping(config.get("column_types"), where=path.stem, key="column_types")
            for kind in map(str, types.values()):
                if not _TYPE.fullmatch(kind):
                    raise UsageError("this is no type", where=shown(root, path), why=kind)
            seeds[path.stem] = Seed(
                name=path.stem,
                path=shown(root, path),
                column_types=types,
                tags=tags_of(config),
            )
    return seeds


def read_macros(
    root: Path, settings: dict[str, Any], *, errors: list[UsageError]
) -> tuple[MacroFile, ...]:
    """Every file of macros, among them the tests that a project writes for its columns."""
    found = []
    below = folders(settings, "macro-paths")
    below += [f"{folder}/{GENERIC}" for folder in folders(settings, "test-paths")]
    for path in files(root, below, ".sql"):
        file = shown(root, path)
        content = _END_OF_TEST.sub(r"\1endmacro\2", _sql(path, file, errors))
        content = _TEST.sub(rf"\1macro\2{CUSTOM}\3", content)
        names = tuple(_MACRO.findall(content))
        found.append(MacroFile(path=file, text=content, names=names))
    return tuple(found)


def read_singular_tests(
    root: Path, settings: dict[str, Any], *, errors: list[UsageError]
) -> tuple[DataTest, ...]:
    """Every test that is a file of its own."""
    paths = folders(settings, "test-paths")
    others = [root / folder / name for folder in paths for name in (GENERIC, FIXTURES)]
    return tuple(
        DataTest(
            name=path.stem,
            file=shown(root, path),
            kind="singular",
            sql=_sql(path, shown(root, path), errors),
        )
        for path in files(root, paths, ".sql")
        if not any(path.is_relative_to(other) for other in others)
    )


def _sql(path: Path, file: str, errors: list[UsageError]) -> str:
    try:
        return read_text(path, shown=file)
    except UsageError as error:
        errors.append(error)
        return ""


def unplain_names(models: dict[str, Model], seeds: dict[str, Seed]) -> list[UsageError]:
    """An error for each file whose name cannot be a relation's."""
    files: list[Model | Seed] = [*models.values(), *seeds.values()]
    return [
        UsageError(
            f'"{each.name}" is no plain name',
            where=each.path,
            why="a model or seed is named as its file, and SQL names it so",
            fix="letters, digits and _ only",
        )
        for each in files
        if not re.fullmatch(r"[A-Za-z_]\w*", each.name)
    ]


def other_models(root: Path, settings: dict[str, Any]) -> list[UsageError]:
    """An error for each file that dbt would run as a model, and that is none here."""
    return [
        UsageError("a model is a select, in a file that ends with .sql", where=shown(root, path))
        for path in files(root, folders(settings, "model-paths"), ".py", ".SQL")
    ]


def models_named_as_seeds(models: dict[str, Model], seeds: dict[str, Seed]) -> list[UsageError]:
    """An error for each model of a seed's name: one of the two could not be referred to."""
    return [
        UsageError(
            f'a model and a seed are both named "{name}"',
            where=models[name].path,
            why=f"the other is {seeds[name].path}",
            fix="rename one of the two",
        )
        for name in sorted(models.keys() & seeds.keys())
    ]

"""The project's folders and the files in them."""

import os
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.yaml_file import did_you_mean, sequence

PROJECT_FILE = "dbt_project.yml"
FOLDERS = {
    "model-paths": "models",
    "seed-paths": "seeds",
    "macro-paths": "macros",
    "test-paths": "tests",
}


def folders(settings: dict[str, Any], key: str) -> list[str]:
    """The folders that a key of the project file names, or dbt's own."""
    return texts(settings.get(key, [FOLDERS[key]]))


def all_folders(settings: dict[str, Any]) -> list[str]:
    """Every folder that files with SQL, rows or properties stand in."""
    keys = ("model-paths", "seed-paths", "test-paths")
    return [folder for key in keys for folder in folders(settings, key)]


def texts(value: object) -> list[str]:
    """A list of texts; one alone may stand without the list."""
    if isinstance(value, str):
        return [value]
    return [str(item) for item in sequence(value, where=PROJECT_FILE, key="a list")]


def files(root: Path, below: list[str], *suffixes: str) -> list[Path]:
    """Every file below the folders with one of these suffixes, in a fixed order.

    Raises:
        UsageError: a folder or a link leads out of the project.
    """
    found = {
        path
        for folder in below
        for path in (root / folder).rglob("*")
        if path.suffix in suffixes and path.is_file()
    }
    top, links = root.resolve(), sorted(path for path in found if path.is_symlink())
    for path in (*(root / folder for folder in below), *links):
        if not path.resolve().is_relative_to(top):
            raise UsageError(
                "this leads out of the project's folder",
                where=Path(os.path.relpath(path, root)).as_posix(),
                why=f"it is {path.resolve()}",
                fix="copy it into the project",
            )
    return sorted(found)


def shown(root: Path, path: Path) -> str:
    """A path as messages show it: relative to the project."""
    return path.relative_to(root).as_posix()


def missing_folders(root: Path, settings: dict[str, Any]) -> list[UsageError]:
    """An error for each folder that the project names and does not have."""
    return [
        UsageError(
            f'"{key}" names a folder that is not there: {folder}',
            where=PROJECT_FILE,
            fix=did_you_mean(folder, sorted(each.name for each in root.iterdir() if each.is_dir())),
        )
        for key in FOLDERS
        if key in settings
        for folder in texts(settings[key])
        if not (root / folder).is_dir()
    ]

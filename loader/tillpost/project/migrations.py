"""What belongs to a project's owner becomes what a newer schema takes; nothing of it is lost.

The step to a schema is made once, in projects of an older one. What would need a guess is left as
it is, and told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tillpost.errors import UsageError
from tillpost.project.folders import PROJECT_FILE, files, folders, shown
from tillpost.project.migrate_staging import UNION, named_in, with_columns, with_macros
from tillpost.project.migrate_variables import with_variables
from tillpost.project.yaml_file import read_text, read_yaml


@dataclass(kw_only=True)
class Migration:
    """The owner's files that become others, by their paths; and what is left to the owner."""

    root: Path
    texts: dict[str, str] = field(default_factory=dict)
    left: list[UsageError] = field(default_factory=list)

    def change(self, path: str, made_of: Callable[[str], str]) -> bool:
        """Make another text of a file, if that can be done."""
        before = self.texts.get(path) or _read(self.root, path)
        ends = "\r\n" if "\r\n" in before else "\n"
        try:
            after = made_of(before.replace("\r\n", "\n")).replace("\n", ends)
        except UsageError as error:
            self.left.append(error)
            return False
        if after != before:
            self.texts[path] = after
        return True


def migrate(root: Path, *, schema: int) -> Migration:
    """What becomes of the owner's files in a project of this schema.

    Raises:
        UsageError: the project file or a model cannot be read.
    """
    migration = Migration(root=root)
    for newer, step in STEPS.items():
        if schema < newer:
            step(migration)
    return migration


def _variables_and_columns(migration: Migration) -> None:
    """Variables that models read, and columns that all staging models have."""
    migration.change(PROJECT_FILE, with_variables)
    settings = read_yaml(migration.root / PROJECT_FILE, shown=PROJECT_FILE)
    found = files(migration.root, folders(settings, "model-paths"), ".sql")
    paths = {path.stem: shown(migration.root, path) for path in found}
    union = paths.get(UNION)
    # One that goes by the order of columns would mix them up.
    if union and migration.change(union, partial(with_macros, path=union)):
        for name in named_in(_read(migration.root, union)):
            if path := paths.get(name):
                migration.change(path, partial(with_columns, path=path))


STEPS: Mapping[int, Callable[[Migration], None]] = {1: _variables_and_columns}
"""What is done to come to a schema: to the first one, in projects of before there were stamps."""


def _read(root: Path, path: str) -> str:
    return read_text(root / path, shown=path)

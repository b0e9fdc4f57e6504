"""What an upgrade would change of what is sent: the project as it stands beside the new one."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tillpost.errors import TillpostError, UsageError
from tillpost.pipeline.changed_fields import FieldChange
from tillpost.pipeline.diff import Diff, at, between, require_duckdb
from tillpost.pipeline.diff_builds import beside_build
from tillpost.pipeline.diff_folder import new_folder, private_folder
from tillpost.pipeline.proofs import proved, ready
from tillpost.pipeline.run_folders import last_build
from tillpost.pipeline.workspace import Listen, Options, Workspace, open_workspace
from tillpost.project.folders import FOLDERS, PROJECT_FILE, folders
from tillpost.project.yaml_file import read_yaml

NAME = "the project before"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What differs; or why that is not known; or what is wrong with the project once upgraded.

    Where this version cannot build the project before, only the hashes are known: ``hashed`` is
    what differs from the build that stands.
    """

    diff: Diff | None = None
    hashed: tuple[FieldChange, ...] | None = None
    unknown: str = ""
    broken: UsageError | None = None

    @property
    def hashes(self) -> dict[str, int]:
        """How many hashes of customers differ, by the field that Meta takes them in."""
        fields = self.diff.differences.fields if self.diff else self.hashed or ()
        return {
            each.field: each.added + each.removed + each.changed
            for each in fields
            if each.field.startswith("user_data.")
        }


def effect_of(options: Options, change: Callable[[Path], None], *, listen: Listen) -> Effect:
    """Build the project before and after a change, over the data and the ledger that it has.

    Args:
        options: the project and its target.
        change: what makes of a copy of it the changed one.
        listen: who hears of the builds.
    """
    try:
        old = open_workspace(options)
    except UsageError as error:
        return Effect(unknown=_first_line(error))
    with private_folder(old.project.root) as folder:
        tree = new_folder(folder, "tree")
        _copy(old.project.root, tree)
        change(tree)
        try:
            new = at(old, tree)
            manifest, _ = ready(new)
        except UsageError as error:
            return Effect(broken=error)
        try:
            if last_build(old) is None:
                raise UsageError("nothing was built here yet")
            require_duckdb(old)
            if _is_buildable(old):
                return Effect(diff=between(old, new, folder=folder, revision=NAME, listen=listen))
            return Effect(hashed=beside_build(new, manifest, folder=folder, listen=listen))
        except TillpostError as error:
            return Effect(unknown=_first_line(error))


def _is_buildable(old: Workspace) -> bool:
    """Whether this version takes the project as it stands; its own build may be all there is."""
    try:
        proved(old)
    except UsageError:
        return False
    return True


def _copy(root: Path, tree: Path) -> None:
    """The project's own files, without its data and its builds."""
    shutil.copyfile(root / PROJECT_FILE, tree / PROJECT_FILE)
    settings = read_yaml(root / PROJECT_FILE, shown=PROJECT_FILE)
    for key in FOLDERS:
        for folder in folders(settings, key):
            if (root / folder).is_dir():
                shutil.copytree(root / folder, tree / folder, dirs_exist_ok=True, symlinks=True)


def _first_line(error: TillpostError) -> str:
    return str(error).splitlines()[0]

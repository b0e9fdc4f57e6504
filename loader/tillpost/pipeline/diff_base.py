"""The build that stands as one side of a comparison: then only the other side has to be built."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tillpost.compiler import Manifest
from tillpost.errors import TillpostError
from tillpost.pipeline.standing import Build, is_over_same_data, is_same_sql, standing_build
from tillpost.pipeline.workspace import Options, Workspace, open_workspace

MAX_AGE = 6 * 3600
"""Seconds after which windows have moved on too far to say what an edit would change now."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """A build that is ready to be copied, and which of the two versions it is of."""

    place: int
    path: Path
    build: Build


def standing_base(sides: Sequence[tuple[Workspace, Manifest]]) -> Base | None:
    """The build that stands, if it is one of these versions' over the data and ledger of now.

    Where that is unclear there is none, and both sides are built.
    """
    workspace = sides[0][0]
    path = workspace.data_root / str(workspace.profile.settings.get("path", ""))
    if not path.is_file() or "as_of" in workspace.project.vars:
        return None
    try:
        with workspace.engine() as engine:
            build = standing_build(workspace, engine)
        if build is None or not _is_of_now(workspace, build):
            return None
    except TillpostError:  # a run holds it or the ledger, or it is of another DuckDB
        return None
    for place, (side, manifest) in enumerate(sides):
        is_same_rules = side.project.rules_version == build.rules_version
        if is_same_rules and is_same_sql(workspace, build, manifest):
            return Base(place=place, path=path, build=build)
    return None


def _is_of_now(workspace: Workspace, build: Build) -> bool:
    age = workspace.options.now.timestamp() - build.built_at
    is_young = build.as_of == build.built_at and 0 <= age <= MAX_AGE
    return is_young and is_over_same_data(workspace, build)


def copied(build: Path, into: Path) -> bool:
    """Copy it; false where a run has written to it meanwhile: its date moves, its log is there."""
    log = build.with_name(f"{build.name}.wal")
    before = build.stat()
    if log.exists():
        return False
    shutil.copyfile(build, into)
    after = build.stat()
    return not log.exists() and before.st_mtime_ns == after.st_mtime_ns


def reopened(workspace: Workspace, options: Options) -> Workspace:
    """The project at another moment or in another folder, over the same data.

    A copy lies elsewhere, and its profile is trusted no more for it: the vault stays.
    """
    other = open_workspace(options)
    profile = replace(other.profile, vault=workspace.profile.vault)
    return replace(other, data_root=workspace.data_root, profile=profile)

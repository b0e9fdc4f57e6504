"""What an edit changes: two versions of the project over the same data, clock and ledger."""

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tillpost.compiler import CompiledModel, Manifest
from tillpost.errors import UsageError
from tillpost.pipeline.diff_base import copied, reopened, standing_base
from tillpost.pipeline.diff_builds import FILES, OLD, build_anew, in_database, rebuild
from tillpost.pipeline.diff_folder import new_folder, private_folder
from tillpost.pipeline.differences import Differences, compare
from tillpost.pipeline.proofs import proved
from tillpost.pipeline.revisions import lay_out, told_of
from tillpost.pipeline.workspace import Listen, Workspace

Sides = tuple[tuple[Workspace, Manifest], tuple[Workspace, Manifest]]
"""The new version and the old one, each with what it compiles to."""


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A model that is not the same in both versions: changed, added or removed."""

    name: str
    path: str
    how: str


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What a revision and the working tree have between them.

    ``build`` is the one that stood and was taken for one of them; empty where both were built.
    """

    revision: str
    edited: tuple[Edited, ...]
    differences: Differences
    build: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the same events go, with the same payloads, and for the same reasons not."""
        return self.differences.is_empty


def diff(workspace: Workspace, revision: str, *, listen: Listen) -> Diff:
    """Build both versions beside each other and compare them; nothing of the user's is touched.

    Raises:
        UsageError: there is no such revision, or one of the versions cannot be built.
    """
    require_duckdb(workspace)
    root = workspace.project.root
    with private_folder(root) as folder:
        laid = lay_out(root, revision, into=new_folder(folder, "tree"))
        with told_of(revision):
            old = at(workspace, laid)
        return between(old, workspace, folder=folder, revision=revision, listen=listen)


def between(old: Workspace, new: Workspace, *, folder: Path, revision: str, listen: Listen) -> Diff:
    """Build two versions of a project over the same data, and compare them.

    Args:
        old: the one.
        new: the other.
        folder: an own one, for both builds.
        revision: how the old one is called.
        listen: who hears of the builds.

    Raises:
        UsageError: one of the versions cannot be built.
    """
    manifest = new.compiler.manifest()
    with told_of(revision):
        old_manifest = old.compiler.manifest()
    edited = tuple(_edited(new, manifest, old, old_manifest))
    if not edited:
        return Diff(revision=revision, edited=(), differences=Differences())
    proved(new, manifest)
    with told_of(revision):
        proved(old, old_manifest)
    build = _built(folder, ((new, manifest), (old, old_manifest)), edited, revision, listen=listen)
    with in_database(new, folder / FILES[0], attached=folder / FILES[1]).engine() as engine:
        found = compare(engine, schema=new.compiler.settings.schema, old=OLD)
    return Diff(revision=revision, edited=edited, differences=found, build=build)


def _built(
    folder: Path, sides: Sides, edited: tuple[Edited, ...], revision: str, *, listen: Listen
) -> str:
    """Both versions side by side; says which build that stands is one of them, if it is.

    The other one is a copy, in which only what differs is built anew.
    """
    (new, manifest), (old, _) = sides
    base = standing_base(sides)
    if base and copied(base.path, folder / FILES[base.place]):
        moment = base.build.as_of
        sides = (_at_moment(new, moment), _at_moment(old, moment))
        first = base.place
    else:
        base, first = None, 0
        build_anew(new, manifest, folder=folder, listen=listen)
    second = 1 - first
    shutil.copyfile(folder / FILES[first], folder / FILES[second])
    workspace, its_manifest = sides[second]
    with told_of(revision) if second else nullcontext():
        side = in_database(workspace, folder / FILES[second])
        rebuild(side, its_manifest, {each.name for each in edited}, listen=listen)
    return base.build.run_id if base else ""


def _at_moment(side: Workspace, moment: int) -> tuple[Workspace, Manifest]:
    options = replace(side.options, now=datetime.fromtimestamp(moment, UTC))
    moved = reopened(side, options)
    return moved, moved.compiler.manifest()


def require_duckdb(workspace: Workspace) -> None:
    """Make sure that builds can be laid beside each other.

    Raises:
        UsageError: they are made elsewhere, or by another tool.
    """
    if workspace.compiler.settings.dialect != "duckdb" or workspace.profile.settings.get(
        "relation"
    ):
        raise UsageError(
            "diff compares builds of DuckDB",
            where=workspace.profile.file,
            fix="--target with an output of the type duckdb",
        )


def at(workspace: Workspace, project: Path) -> Workspace:
    """The old project, with the profile, the clock, the variables and the ledger of the new."""
    if not (project / "dbt_project.yml").exists():
        raise UsageError("there is no project at this revision", fix="a later one")
    options = replace(
        workspace.options, project_dir=project, profiles_dir=workspace.profile.path.parent
    )
    return reopened(workspace, options)


def _edited(
    new: Workspace, manifest: Manifest, old: Workspace, old_manifest: Manifest
) -> Iterator[Edited]:
    """The models that differ, by what they render to and the seeds that they read."""
    before = {each.name: each for each in old_manifest.models}
    now = {each.name: each for each in manifest.models}
    seeds = {
        name
        for name in new.project.seeds.keys() | old.project.seeds.keys()
        if _seed(new, name) != _seed(old, name)
    }
    for name, model in {**before, **now}.items():
        if name not in before:
            yield Edited(name=name, path=model.path, how="added")
        elif name not in now:
            yield Edited(name=name, path=model.path, how="removed")
        elif _text(before[name]) != _text(now[name]):
            yield Edited(name=name, path=model.path, how="changed")
        elif read := sorted(model.refs & seeds):
            yield Edited(name=name, path=model.path, how=f"seed {', '.join(read)}")


def _text(model: CompiledModel) -> tuple[str, str]:
    return model.materialized, "\n".join(
        line
        for line in model.sql.splitlines()
        if line.strip() and not line.strip().startswith("--")
    )


def _seed(workspace: Workspace, name: str) -> bytes:
    seed = workspace.project.seeds.get(name)
    return (workspace.project.root / seed.path).read_bytes() if seed else b""

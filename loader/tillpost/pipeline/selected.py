"""The parts of this project that somebody selects, and how they stand to an earlier build."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tillpost.compiler import Manifest
from tillpost.errors import UsageError
from tillpost.pipeline.workspace import Workspace
from tillpost.selection import Node, chosen

if TYPE_CHECKING:
    from tillpost.project.unit_tests import UnitTest

MANIFEST = "manifest.json"
_SAVED = "the folder of a run below .tillpost/runs, or a copy of its manifest.json"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is asked: terms that select, terms that exclude, and what ``state:`` compares with."""

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    state: Path | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing was asked."""
        return not (self.select or self.exclude)


@dataclass(frozen=True, kw_only=True)
class Selected:
    """The names of what is selected, by kind; of unit tests their ids."""

    models: frozenset[str]
    seeds: frozenset[str]
    sources: frozenset[str]
    tests: frozenset[str]
    unit_tests: frozenset[str]


def select(
    workspace: Workspace,
    manifest: Manifest,
    selection: Selection,
    *,
    unit_tests: Sequence["UnitTest"] = (),
) -> Selected:
    """What of the project is meant; of unit tests, which of those that are handed over.

    Raises:
        UsageError: a term means nothing, or there is no build to compare with.
    """
    saved = _saved(workspace, selection)
    nodes = {node.id: node for node in _nodes(workspace, manifest, saved)}
    nodes |= {node.id: node for node in map(_unit_test, unit_tests)}
    found = chosen(nodes, selection.select, selection.exclude)
    kinds = {
        kind: frozenset(nodes[each].name for each in found if nodes[each].kind == kind)
        for kind in ("model", "seed", "source", "test")
    }
    return Selected(
        models=kinds["model"],
        seeds=kinds["seed"],
        sources=kinds["source"],
        tests=kinds["test"],
        unit_tests=frozenset(each.id for each in unit_tests if _id("unit_test", each.id) in found),
    )


def _nodes(
    workspace: Workspace, manifest: Manifest, saved: dict[str, str] | None
) -> Iterator[Node]:
    project = workspace.project
    for model in manifest.models:
        yield Node(
            id=model.name,
            name=model.name,
            kind="model",
            path=model.path,
            parents=_parents(model.refs, model.sources),
            tags=model.tags,
            materialized=model.materialized,
            state=_state(model.name, model.checksum, saved),
        )
    for seed in project.seeds.values():
        yield Node(
            id=seed.name,
            name=seed.name,
            kind="seed",
            path=seed.path,
            parents=frozenset(),
            tags=frozenset(seed.tags),
            state=_state(seed.name, seed.checksum(project.root), saved),
        )
    for source in project.sources.values():
        name = source.full_name
        file = str(source.file).partition(" ")[0]
        yield Node(
            id=_id("source", name),
            name=name,
            kind="source",
            path=file,
            parents=frozenset(),
            tags=frozenset(source.tags),
        )
    for test in manifest.tests:
        yield Node(
            id=_id("test", test.name),
            name=test.name,
            kind="test",
            path=test.file.partition(" ")[0],
            parents=_parents(test.refs, test.sources),
            tags=test.tags,
            state=_state(_id("test", test.name), test.checksum, saved),
        )


def _unit_test(test: "UnitTest") -> Node:
    return Node(
        id=_id("unit_test", test.id),
        name=test.name,
        kind="unit_test",
        path=test.place.file,
        parents=frozenset({test.model}),
        tags=test.tags,
    )


def _id(kind: str, name: str) -> str:
    return f"{kind}:{name}"


def _parents(refs: frozenset[str], sources: frozenset[str]) -> frozenset[str]:
    return refs | {_id("source", each) for each in sources}


def _state(name: str, checksum: str, saved: dict[str, str] | None) -> frozenset[str]:
    if saved is None or saved.get(name) == checksum:
        return frozenset()
    return frozenset({"modified"} if name in saved else {"new", "modified"})


def _saved(workspace: Workspace, selection: Selection) -> dict[str, str] | None:
    """The checksums of the build that ``state:`` is about; None where nobody asks."""
    if not any("state:" in each for each in (*selection.select, *selection.exclude)):
        return None
    path = selection.state or _newest(workspace)
    file = path / MANIFEST if path.is_dir() else path
    try:
        kept: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
        parts = [*kept["models"], *kept.get("seeds", ())]
        tests = {_id("test", each["name"]): each.get("checksum", "") for each in kept["tests"]}
        return tests | {each["name"]: each["checksum"] for each in parts}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError("this is no manifest of a run", where=str(file), fix=_SAVED) from None


def _newest(workspace: Workspace) -> Path:
    """The newest run that built the whole project."""
    runs = sorted((workspace.project.root / ".tillpost" / "runs").glob(f"*/{MANIFEST}"))
    whole = [file for file in runs if (file.parent / "build.json").exists()]
    if not whole:
        raise UsageError(
            "there is no build to compare with", why="state: needs one", fix=f"--state {_SAVED}"
        )
    return whole[-1]

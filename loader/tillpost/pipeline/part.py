"""Building a part of the project: the inner loop of whoever edits a model."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillpost.compiler import CompiledModel, Manifest
from tillpost.engines import Engine
from tillpost.errors import CheckFailed, UsageError
from tillpost.pipeline.build import (
    build_models,
    load_seeds,
    read_sources,
)
from tillpost.pipeline.build_summary import TestResult
from tillpost.pipeline.digest_keys import require_key
from tillpost.pipeline.execution import locked
from tillpost.pipeline.proofs import ready
from tillpost.pipeline.selected import Selected, Selection, select
from tillpost.pipeline.snapshots import take_snapshot
from tillpost.pipeline.tests import run_tests
from tillpost.pipeline.workspace import Listen, Run, Workspace

OURS = "tillpost."
"""What the loader hands to the models is named so."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What was built: each model with its rows, where it is a table; tests, and those left out."""

    models: tuple[tuple[str, int | None], ...]
    tests: tuple[TestResult, ...]
    untested: tuple[str, ...]

    def require_success(self) -> None:
        """Raise if a test failed."""
        if failed := [test for test in self.tests if test.failed]:
            raise CheckFailed(
                f"{len(failed)} of {len(self.tests)} tests failed",
                why="\n".join(
                    f"{test.file}  {test.name}: {test.failures} bad rows" for test in failed
                ),
                fix=f"tillpost show --select {failed[0].name}, then mend the model or the data",
            )


def build_part(workspace: Workspace, selection: Selection, *, listen: Listen, wait: float) -> Part:
    """Build what is selected over what stands; what is made so is never sent.

    Raises:
        UsageError: a term means nothing, or what a model reads was not built yet.
    """
    manifest, _ = ready(workspace)
    selected = select(workspace, manifest, selection)
    with locked(workspace, "build", manifest, wait=wait) as run, workspace.engine() as engine:
        models = [each for each in manifest.models if each.name in selected.models]
        require_key(workspace, manifest)
        _require_parents(models, _standing(workspace, engine), selected)
        _prepare(workspace, engine, run, manifest, selected, listen=listen)
        build_models(engine, models, listen=listen)
        standing = engine.relations()
        tests = [each for each in manifest.tests if each.name in selected.tests]
        testable = [each for each in tests if each.refs <= standing]
        return Part(
            models=tuple((each.name, _rows(engine, each)) for each in models),
            tests=run_tests(engine, testable, listen=listen),
            untested=tuple(each.name for each in tests if each not in testable),
        )


def _standing(workspace: Workspace, engine: Engine) -> frozenset[str]:
    """What there is to read: what was built, and the seeds, which are loaded where they lack."""
    return engine.relations() | workspace.project.seeds.keys()


def _prepare(  # noqa: PLR0913  a part, and what it is built on, each by name
    workspace: Workspace,
    engine: Engine,
    run: Run,
    manifest: Manifest,
    selected: Selected,
    *,
    listen: Listen,
) -> None:
    """Load what the part reads; the stamp that lets a build be sent goes first."""
    models = [each for each in manifest.models if each.name in selected.models]
    if models:
        stamp = workspace.relation("build_stamp")
        engine.execute(f"drop table if exists {stamp}", where="the build")
    for hook in manifest.on_run_start:
        engine.execute(hook, where="dbt_project.yml on-run-start")
    read = frozenset[str]().union(*(each.refs for each in models))
    lacking = (read & workspace.project.seeds.keys()) - engine.relations()
    load_seeds(workspace, engine, sorted(selected.seeds | lacking))
    sources = frozenset[str]().union(*(each.sources for each in models))
    if any(not each.startswith(OURS) for each in sources):
        # The lines of all of them are counted into one table.
        read_sources(workspace, engine, manifest.sources, listen=listen)
    if any(each.startswith(OURS) for each in sources):
        take_snapshot(workspace, engine, run)


def _require_parents(
    models: Sequence[CompiledModel], standing: frozenset[str], selected: Selected
) -> None:
    for model in models:
        if missing := sorted(model.refs - standing - selected.models):
            raise UsageError(
                "what it reads was not built yet",
                where=model.path,
                why=f"missing: {', '.join(missing)}",
                fix=f"tillpost build --select +{model.name}",
            )


def _rows(engine: Engine, model: CompiledModel) -> int | None:
    if model.materialized == "view":
        return None
    _, [(rows,)] = engine.query(f"select count(*) as n from {model.relation}", where=model.path)
    return int(rows)

"""Building and testing as whole commands, under the lock and with a folder of their own."""

from collections.abc import Callable
from dataclasses import asdict

from tillpost.compiler import Manifest
from tillpost.errors import UsageError
from tillpost.pipeline.build import build
from tillpost.pipeline.build_summary import BuildSummary, TestResult
from tillpost.pipeline.evidence import evidence
from tillpost.pipeline.execution import Execution, locked
from tillpost.pipeline.proofs import ready
from tillpost.pipeline.selected import Selection, select
from tillpost.pipeline.tests import run_tests
from tillpost.pipeline.unit_tests import unit_tests
from tillpost.pipeline.workspace import Listen, Run, Workspace
from tillpost.privacy import Proof


def build_project(
    workspace: Workspace,
    *,
    listen: Listen,
    wait: float,
    warn: Callable[[str], None] = lambda _: None,
) -> BuildSummary:
    """Compile, build and test; the summary says which tests failed."""
    manifest, proof = ready(workspace)
    execution = Execution(
        workspace=workspace, command="build", manifest=manifest, wait=wait, warn=warn
    )
    return execution.of(lambda run: make_build(workspace, run, manifest, proof, listen=listen))


def test_project(
    workspace: Workspace, selection: Selection, *, listen: Listen, wait: float
) -> tuple[TestResult, ...]:
    """Test the build that stands, or what is selected of it."""
    manifest, _ = ready(workspace)
    tests = manifest.tests
    if not selection.is_everything:
        # A term may mean unit tests alone; then there is nothing to do here.
        selected = select(workspace, manifest, selection, unit_tests=unit_tests(workspace))
        tests = tuple(each for each in tests if each.name in selected.tests)
    if not tests:
        return ()
    with locked(workspace, "test", manifest, wait=wait), workspace.engine() as engine:
        if "events" not in engine.relations():
            raise UsageError(
                "nothing was built here yet",
                fix="tillpost build; tillpost test --unit needs no build",
            )
        return run_tests(engine, tests, listen=listen)


def make_build(
    workspace: Workspace, run: Run, manifest: Manifest, proof: Proof, *, listen: Listen
) -> BuildSummary:
    """Build and test within a run; what it was made of stays in the run's folder."""
    run.write("proof.json", asdict(evidence(workspace, manifest, proof)))
    summary = build(workspace, run, manifest, listen=listen)
    run.write("build.json", asdict(summary))
    return summary

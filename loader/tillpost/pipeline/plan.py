"""A plan: what a run would send if it ran now. It builds as a run does, and nothing leaves."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count, islice
from pathlib import Path

from tillpost.batches import batches, body
from tillpost.compiler import Manifest
from tillpost.engines import Engine
from tillpost.errors import UsageError
from tillpost.gate import breaches
from tillpost.pipeline.breaches import breach_error
from tillpost.pipeline.clocks import require_ledger_clock
from tillpost.pipeline.counting import Group, Horizon, counted, meanings
from tillpost.pipeline.execution import locked
from tillpost.pipeline.flow import make_build
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.passes import events, passes, streams
from tillpost.pipeline.planned import save_plan
from tillpost.pipeline.proofs import ready
from tillpost.pipeline.send import ARRIVAL_SECONDS
from tillpost.pipeline.standing import Build, is_current, load_unsettled, standing_build
from tillpost.pipeline.workspace import Listen, Run, Workspace
from tillpost.project.edge_block import edge_settings
from tillpost.records import Batch, EdgeSettings


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a plan.

    ``next_run`` is in seconds from now; ``payloads`` is how many request bodies to show; ``save``
    is a file for `send --plan`; ``is_built`` takes the build that stands as it is.
    """

    next_run: int
    payloads: int = 0
    save: Path | None = None
    is_built: bool = False
    wait: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would be sent, and what would not; moments in epoch seconds.

    ``build`` is what it was counted in, None for another tool's relation; ``is_new`` says that it
    was made for this plan. ``bodies`` are requests as they would leave; ``digest`` is that of what
    was saved.
    """

    run_id: str
    project: str
    target: str
    as_of: int
    next_run: int
    rules_version: str
    build: Build | None
    is_new: bool
    groups: tuple[Group, ...]
    meanings: dict[str, str]
    bodies: tuple[bytes, ...] = ()
    digest: str = ""


def make_plan(workspace: Workspace, question: Question, *, listen: Listen) -> Plan:
    """Build, unless nothing has changed since the last build, and count.

    Raises:
        CheckFailed: a test failed or the buckets do not add up: a run would send nothing.
        PrivacyBreach: a request that was asked for would not be let out.
    """
    is_ours = not workspace.profile.settings.get("relation")
    manifest = workspace.compiler.manifest() if is_ours else None
    now = workspace.options.now.timestamp()
    with locked(workspace, "plan", manifest, wait=question.wait) as run:
        is_new = False
        if manifest and not question.is_built and not _stands(workspace, manifest):
            is_new = True
            _, proof = ready(workspace, manifest)
            make_build(workspace, run, manifest, proof, listen=listen).require_success()
        with (
            ledger_place(workspace).open(clock=lambda: now) as ledger,
            workspace.engine() as engine,
        ):
            require_ledger_clock(ledger, now=now)
            build = _require_build(workspace, engine) if is_ours else None
            moment = build.as_of if build and "as_of" in workspace.project.vars else int(now)
            load_unsettled(workspace, engine, ledger, run, build=build, now=moment)
            return _plan(workspace, engine, run, question, build=build, is_new=is_new, now=moment)


def _stands(workspace: Workspace, manifest: Manifest) -> bool:
    with workspace.engine() as engine:
        build = standing_build(workspace, engine)
    return build is not None and is_current(workspace, build, manifest)


def _require_build(workspace: Workspace, engine: Engine) -> Build:
    build = standing_build(workspace, engine)
    if build is None:
        raise UsageError(
            "there is no build to plan with",
            why="nothing was built here, or the last build failed",
            fix="tillpost plan, without --no-build",
        )
    return build


def _plan(  # noqa: PLR0913  where it is counted, and what is known before
    workspace: Workspace,
    engine: Engine,
    run: Run,
    question: Question,
    *,
    build: Build | None,
    is_new: bool,
    now: int,
) -> Plan:
    horizon = Horizon(
        now=now,
        arrives_by=now + ARRIVAL_SECONDS,
        next_arrives_by=now + question.next_run + ARRIVAL_SECONDS,
    )
    groups = counted(workspace, engine, horizon)
    plan = Plan(
        run_id=run.id,
        project=workspace.project.name,
        target=workspace.profile.target,
        as_of=now,
        next_run=now + question.next_run,
        rules_version=workspace.project.rules_version,
        build=build,
        is_new=is_new,
        groups=groups,
        meanings=meanings(workspace, engine) if build else {},
        bodies=tuple(islice(_bodies(workspace, engine, run, now=now), question.payloads)),
        digest=save_plan(workspace, engine, question.save, plan_id=run.id, horizon=horizon)
        if question.save
        else "",
    )
    run.write("plan.json", {"as_of": now, "groups": [asdict(group) for group in groups]})
    return plan


def _bodies(workspace: Workspace, engine: Engine, run: Run, *, now: int) -> Iterator[bytes]:
    """The requests' bodies in the order in which they would leave, read by the gate as they are."""
    settings = edge_settings(workspace.profile, with_secrets=False)
    numbers = count(1)
    for stream in streams(passes(workspace, engine, now=now)):
        cut = batches(
            events(workspace, engine, stream),
            dataset_id=stream[0].dataset_id,
            arrives_by=lambda: now + ARRIVAL_SECONDS,
            on_expired=lambda _: None,
            numbers=numbers,
            batch_size=settings.batch_size,
            max_bytes=settings.max_bytes,
        )
        for batch in cut:
            yield _body(batch, settings, run)


def _body(batch: Batch, settings: EdgeSettings, run: Run) -> bytes:
    if found := breaches(batch.events.text, events=len(batch.events)):
        raise breach_error(batch, found)
    return body(batch, settings=settings, upload_tag=run.id)

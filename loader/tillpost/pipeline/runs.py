"""Sending as a whole command, alone or after a build: what the edge needs is loaded here only."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field

from tillpost.errors import TillpostError, TryLater, UsageError
from tillpost.ledger import Tally
from tillpost.pipeline.build_summary import BuildSummary
from tillpost.pipeline.clocks import run_clock
from tillpost.pipeline.execution import Execution, stop_requests
from tillpost.pipeline.flow import make_build
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.planned import SavedPlan
from tillpost.pipeline.proofs import ready
from tillpost.pipeline.send import Sending, check_edge, send
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Listen, Run, Workspace
from tillpost.project.edge_block import edge_settings
from tillpost.records import EdgeSettings

Show = Callable[[BuildSummary], None]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a command that sends was asked.

    ``wait`` is how many seconds to wait for another run to end; ``deadline`` is after how many
    nothing new begins, counted from the command's start, None for none; ``plan`` is what must be
    sent and nothing else; ``warn`` hears what went wrong beside the work.
    """

    wait: float = 0.0
    deadline: float | None = None
    forced_test_code: bool = False
    plan: SavedPlan | None = None
    began: float = field(default_factory=time.monotonic)
    warn: Callable[[str], None] = lambda _: None


def send_build(workspace: Workspace, asked: Asked, *, listen: Listen) -> SendSummary:
    """Send what the last build says is pending."""
    settings = edge_settings(workspace.profile)
    check_edge(settings, forced_test_code=asked.forced_test_code, has_store_events=False)
    execution = Execution(
        workspace=workspace, command="send", manifest=None, wait=asked.wait, warn=asked.warn
    )
    return execution.of(lambda run: _send(workspace, run, settings, asked, listen=listen))


def run_project(workspace: Workspace, asked: Asked, *, listen: Listen, show: Show) -> SendSummary:
    """Build, test and send; nothing is sent where a test failed."""
    if workspace.profile.settings.get("relation"):
        raise UsageError(
            "this target sends what another tool builds",
            where=f"{workspace.profile.file}.relation",
            fix="tillpost send",
        )
    settings = edge_settings(workspace.profile)
    check_edge(settings, forced_test_code=asked.forced_test_code, has_store_events=False)
    manifest, proof = ready(workspace)

    def work(run: Run) -> SendSummary:
        summary = make_build(workspace, run, manifest, proof, listen=listen)
        show(summary)
        summary.require_success()
        return _send(workspace, run, settings, asked, listen=listen)

    execution = Execution(
        workspace=workspace, command="run", manifest=manifest, wait=asked.wait, warn=asked.warn
    )
    return execution.of(work)


def _send(
    workspace: Workspace, run: Run, settings: EdgeSettings, asked: Asked, *, listen: Listen
) -> SendSummary:
    clock = run_clock()
    spent = time.monotonic() - asked.began
    summary = SendSummary(run_id=run.id)
    with ledger_place(workspace).open(clock=clock) as ledger, stop_requests() as stopping:
        ledger.start_run(run.id, command=run.command)
        sending = Sending(
            workspace=workspace,
            run=run,
            settings=settings,
            ledger=ledger,
            summary=summary,
            listen=listen,
            stopping=stopping,
            clock=clock,
            deadline=None if asked.deadline is None else asked.deadline - spent,
            forced_test_code=asked.forced_test_code,
            plan=asked.plan,
        )
        with _written_down(sending):
            send(sending)
    return summary


@contextmanager
def _written_down(sending: Sending) -> Iterator[None]:
    """Leave what became of the events in the run's folder and in the ledger, however it ends."""
    summary, exit_code = sending.summary, TillpostError.exit_code
    try:
        yield
        exit_code = summary.exit_code
    except TillpostError as error:
        exit_code = error.exit_code
        raise
    except KeyboardInterrupt:
        exit_code = TryLater.exit_code
        raise
    finally:
        tally = Tally(
            sent=summary.accepted + summary.refused + summary.returned + summary.uncertain,
            accepted=summary.accepted,
            refused=summary.refused,
            uncertain=summary.uncertain,
        )
        # Where ledger or disk are out of reach that has been said, and is not to be hidden.
        with suppress(TillpostError) if exit_code else nullcontext():
            sending.ledger.end_run(sending.run.id, exit_code=exit_code, tally=tally)
        with suppress(OSError) if exit_code else nullcontext():
            sending.run.write("send.json", asdict(summary))

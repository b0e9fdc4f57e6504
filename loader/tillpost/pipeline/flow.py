"""Whole commands: compile, build, send, run, each under the lock and with a folder of its own."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from types import FrameType

import stamina

from tillpost.compiler import Manifest
from tillpost.errors import TillpostError, UsageError
from tillpost.ledger import Tally
from tillpost.pipeline.build import build, run_tests
from tillpost.pipeline.build_summary import BuildSummary, TestResult
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.send import check_edge, send
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Listen, Run, Workspace, new_run_id, start_run
from tillpost.project.profile import edge_settings
from tillpost.records import EdgeSettings, Owner

Show = Callable[[BuildSummary], None]


def build_project(workspace: Workspace, *, listen: Listen, wait: float) -> BuildSummary:
    """Compile, build and test; the summary says which tests failed."""
    manifest = workspace.compiler.manifest()
    with _locked(workspace, "build", manifest, wait=wait) as run:
        return _build(workspace, run, manifest, listen=listen)


def test_project(workspace: Workspace, *, listen: Listen, wait: float) -> tuple[TestResult, ...]:
    """Test the build that stands."""
    manifest = workspace.compiler.manifest()
    with _locked(workspace, "test", manifest, wait=wait), workspace.engine() as engine:
        if "events" not in engine.relations():
            raise UsageError("nothing was built here yet", fix="tillpost build")
        return run_tests(engine, manifest.tests, listen=listen)


def send_build(
    workspace: Workspace, *, listen: Listen, wait: float, forced_test_code: bool
) -> SendSummary:
    """Send what the last build says is pending."""
    settings = edge_settings(workspace.profile)
    check_edge(settings, forced_test_code=forced_test_code, has_store_events=False)
    with _locked(workspace, "send", None, wait=wait) as run:
        return _send(workspace, run, settings, listen=listen, forced_test_code=forced_test_code)


def run_project(
    workspace: Workspace, *, listen: Listen, wait: float, forced_test_code: bool, show: Show
) -> SendSummary:
    """Build, test and send; nothing is sent where a test failed."""
    if workspace.profile.settings.get("relation"):
        raise UsageError(
            "this target sends what another tool builds",
            where=f"{workspace.profile.file}.relation",
            fix="tillpost send",
        )
    settings = edge_settings(workspace.profile)
    check_edge(settings, forced_test_code=forced_test_code, has_store_events=False)
    manifest = workspace.compiler.manifest()
    with _locked(workspace, "run", manifest, wait=wait) as run:
        summary = _build(workspace, run, manifest, listen=listen)
        show(summary)
        summary.require_success()
        return _send(workspace, run, settings, listen=listen, forced_test_code=forced_test_code)


def _build(workspace: Workspace, run: Run, manifest: Manifest, *, listen: Listen) -> BuildSummary:
    summary = build(workspace, run, manifest, listen=listen)
    run.write("build.json", asdict(summary))
    return summary


def _send(
    workspace: Workspace,
    run: Run,
    settings: EdgeSettings,
    *,
    listen: Listen,
    forced_test_code: bool,
) -> SendSummary:
    stamina.instrumentation.set_on_retry_hooks([])  # retries are told in the summary
    with (
        ledger_place(workspace).open(clock=ledger_clock) as ledger,
        _stop_requests() as stopping,
    ):
        ledger.start_run(run.id, command=run.command)
        summary = SendSummary(run_id=run.id)
        exit_code = TillpostError.exit_code
        try:
            send(
                workspace,
                run,
                settings,
                ledger,
                summary,
                listen=listen,
                stopping=stopping,
                clock=ledger_clock,
                forced_test_code=forced_test_code,
            )
            exit_code = summary.exit_code
        except TillpostError as error:
            exit_code = error.exit_code
            raise
        finally:
            tally = Tally(
                sent=summary.accepted + summary.refused + summary.returned + summary.uncertain,
                accepted=summary.accepted,
                refused=summary.refused,
                uncertain=summary.uncertain,
            )
            run.write("send.json", asdict(summary))
            # Where the ledger is out of reach that has been said, and is not to be hidden.
            with suppress(TillpostError) if exit_code else nullcontext():
                ledger.end_run(run.id, exit_code=exit_code, tally=tally)
    return summary


@contextmanager
def _locked(
    workspace: Workspace, command: str, manifest: Manifest | None, *, wait: float
) -> Iterator[Run]:
    """One run at a time: the run's folder is made once the lock is held."""
    run_id = new_run_id(workspace.options.now)
    owner = Owner(
        pid=os.getpid(),
        host=socket.gethostname(),
        run_id=run_id,
        command=command,
        started_at=f"{workspace.options.now:%Y-%m-%dT%H:%M:%SZ}",
    )
    with ledger_place(workspace).lock(owner=owner, wait=wait) as check_lock:
        yield start_run(workspace, run_id, command, manifest=manifest, check_lock=check_lock)


@contextmanager
def _stop_requests() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C and SIGTERM into a question that the sender asks between batches."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = {each: signal.signal(each, ask) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def ledger_clock() -> float:
    """Now, in epoch seconds: when a line of the ledger was written."""
    return datetime.now(UTC).timestamp()

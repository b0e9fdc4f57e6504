"""One execution: under the lock, with a folder of its own, and told to whom the profile names."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

from tillpost.compiler import Manifest
from tillpost.errors import TillpostError
from tillpost.pipeline.alert_facts import Ending
from tillpost.pipeline.alerts import alert
from tillpost.pipeline.build_summary import BuildSummary
from tillpost.pipeline.clocks import wall_clock
from tillpost.pipeline.ledgers import ledger_place, owner_of
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Run, Workspace, new_run_id, start_run

Result = TypeVar("Result", BuildSummary, SendSummary)


@dataclass(frozen=True, kw_only=True)
class Execution:
    """A command about to be executed; ``warn`` hears of alerts that could not be told."""

    workspace: Workspace
    command: str
    manifest: Manifest | None
    wait: float
    warn: Callable[[str], None]

    def of(self, work: Callable[[Run], Result]) -> Result:
        """Do the work under the lock, and tell how it ended while the lock is still held."""
        run: Run | None = None
        try:
            with locked(self.workspace, self.command, self.manifest, wait=self.wait) as run:
                try:
                    result = work(run)
                except KeyboardInterrupt:
                    raise  # somebody is there and knows
                except BaseException as error:
                    self._tell(run, error=error)
                    raise
                self._tell(run, summary=result)
                return result
        except TillpostError as error:
            if run is None:
                self._tell(None, error=error)
            raise

    def _tell(
        self,
        run: Run | None,
        *,
        error: BaseException | None = None,
        summary: BuildSummary | SendSummary | None = None,
    ) -> None:
        sent = None
        if isinstance(summary, SendSummary):
            sent = summary
        elif summary is not None:
            try:
                summary.require_success()
            except TillpostError as failed:
                error = failed
        ending = Ending(now=wall_clock(), error=error, summary=sent)
        for words in alert(self.workspace, run, ending):
            self.warn(words)


@contextmanager
def locked(
    workspace: Workspace, command: str, manifest: Manifest | None, *, wait: float
) -> Iterator[Run]:
    """One run at a time: the run's folder is made once the lock is held."""
    run_id = new_run_id(workspace.options.now)
    owner = owner_of(workspace, command, run_id=run_id)
    with ledger_place(workspace).lock(owner=owner, wait=wait):
        yield start_run(workspace, run_id, command, manifest=manifest)


@contextmanager
def stop_requests() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or SIGTERM into a question that the sender asks between batches."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        give_back()  # a second one ends the process

    def give_back() -> None:
        for each, handler in before.items():
            signal.signal(each, handler)

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = {each: signal.signal(each, ask) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        give_back()

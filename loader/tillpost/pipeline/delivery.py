"""Batches in flight: written down before they leave and after their answer."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice

from tillpost.batches import body
from tillpost.edge import Edge
from tillpost.ledger import Book
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Listen, Progress, Run
from tillpost.records import Answer, Batch, EdgeSettings, Fault, Outcome

STOPPING = set(Fault) - {Fault.none, Fault.event}
"""Faults after which nothing more of this dataset is tried in this run; retries have failed."""
STOPPING_ALL = {Fault.token, Fault.permission, Fault.blocked}
"""Faults after which nothing at all is tried: they are not one dataset's."""
REFUSED_AT_FIRST = 3
"""So many batches refused and none accepted: the request is at fault, not its events."""


@dataclass(kw_only=True)
class Delivery:
    """Several requests at a time; the ledger and the summary are kept by the calling thread."""

    edge: Edge
    ledger: Book
    settings: EdgeSettings
    run: Run
    rules_version: str
    summary: SendSummary
    listen: Listen
    stopping: Callable[[], bool]
    clock: Callable[[], float]
    stopped_datasets: set[str] = field(default_factory=set)
    is_stopped: bool = False

    def deliver(self, stream: Iterator[Batch]) -> int:
        """Send a stream of batches, several at a time; says how many were taken from it."""
        taken = 0
        flying: dict[Future[Answer], Batch] = {}
        with ThreadPoolExecutor(self.settings.max_in_flight) as pool:
            try:
                while True:
                    group = self._next(stream, room=2 * self.settings.max_in_flight - len(flying))
                    taken += len(group)
                    flying |= {pool.submit(self._post, batch): batch for batch in group}
                    if not flying:
                        return taken
                    done, _ = wait(flying, return_when=FIRST_COMPLETED)
                    self._settle([(flying.pop(future), future.result()) for future in done])
            except BaseException:
                # What has not begun stays here; what has is `leaving`, and goes again in time.
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _next(self, stream: Iterator[Batch], *, room: int) -> list[Batch]:
        """The next batches, written down as leaving; none once the run is to stop."""
        if self.stopping():
            self.summary.interrupted = True
            return []
        group = [batch for batch in islice(stream, room) if not self._is_off(batch)]
        if group:
            self.run.check_lock()
            self.ledger.leaving(group, run_id=self.run.id, rules_version=self.rules_version)
        return group

    def _is_off(self, batch: Batch) -> bool:
        return self.is_stopped or batch.dataset_id in self.stopped_datasets

    def _post(self, batch: Batch) -> Answer:
        if self.stopping() or self._is_off(batch) or batch.sendable_until <= self.clock():
            return Answer(outcome=Outcome.returned, attempts=0, message="not tried")
        content = body(batch, settings=self.settings, upload_tag=self.run.id)
        return self.edge.send(content, dataset_id=batch.dataset_id, events=len(batch.event_keys))

    def _settle(self, pairs: list[tuple[Batch, Answer]]) -> None:
        self.ledger.settle(pairs, run_id=self.run.id, rules_version=self.rules_version)
        for batch, answer in pairs:
            self.summary.count(batch, answer)
            self.is_stopped |= answer.fault in STOPPING_ALL
            if answer.fault in STOPPING or self._is_hopeless():
                self.stopped_datasets.add(batch.dataset_id)
        done = self.summary.accepted + self.summary.refused
        self.listen(Progress(stage="send", name="events", done=done, total=self.summary.pending))

    def _is_hopeless(self) -> bool:
        refused = sum(each.outcome is Outcome.refused for each in self.summary.answers)
        return not self.summary.accepted and refused >= REFUSED_AT_FIRST

"""Batches in flight: written down before they leave and after their answer."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice

from tillpost.batches import body
from tillpost.edge import Edge
from tillpost.ledger import Ledger
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Listen, Progress, Run
from tillpost.records import Answer, Batch, EdgeSettings, Fault, Outcome

STOPPING = set(Fault) - {Fault.none, Fault.event}
"""Faults after which nothing more of this dataset is tried in this run; retries have failed."""


@dataclass(kw_only=True)
class Delivery:
    """Several requests at a time; the ledger and the summary are kept by the calling thread."""

    edge: Edge
    ledger: Ledger
    settings: EdgeSettings
    run: Run
    rules_version: str
    summary: SendSummary
    listen: Listen
    stopping: Callable[[], bool]
    stopped_datasets: set[str] = field(default_factory=set)

    def deliver(self, stream: Iterator[Batch]) -> int:
        """Send a stream of batches, several at a time; says how many were taken from it."""
        taken = 0
        flying: dict[Future[Answer], Batch] = {}
        with ThreadPoolExecutor(self.settings.max_in_flight) as pool:
            while True:
                room = 2 * self.settings.max_in_flight - len(flying)
                group = [] if self.stopping() else list(islice(stream, room))
                group = [batch for batch in group if batch.dataset_id not in self.stopped_datasets]
                if group:
                    self.ledger.leaving(group, run_id=self.run.id, rules_version=self.rules_version)
                    taken += len(group)
                    for batch in group:
                        flying[pool.submit(self._post, batch)] = batch
                if not flying:
                    break
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                self._settle([(flying.pop(future), future.result()) for future in done])
        self.summary.interrupted |= self.stopping()
        return taken

    def _post(self, batch: Batch) -> Answer:
        if batch.dataset_id in self.stopped_datasets:
            return Answer(outcome=Outcome.returned, attempts=0, message="not tried")
        content = body(batch, settings=self.settings, upload_tag=self.run.id)
        return self.edge.send(content, dataset_id=batch.dataset_id, events=len(batch.event_keys))

    def _settle(self, pairs: list[tuple[Batch, Answer]]) -> None:
        self.ledger.settle(pairs, run_id=self.run.id, rules_version=self.rules_version)
        for batch, answer in pairs:
            self.summary.count(batch, answer)
            if answer.fault in STOPPING or answer.outcome is Outcome.returned:
                self.stopped_datasets.add(batch.dataset_id)
        done = self.summary.accepted + self.summary.refused
        self.listen(Progress(stage="send", name="events", done=done, total=self.summary.pending))

"""Batches in flight: written down before they leave and after their answer."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from queue import Empty, SimpleQueue

from tillpost.batches import body
from tillpost.edge import Edge
from tillpost.errors import PrivacyBreach
from tillpost.gate import Breach, breaches
from tillpost.ledger import Book
from tillpost.pace import Pace
from tillpost.pipeline.breaches import breach_error
from tillpost.pipeline.isolation import named_place, parts
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Listen, Progress, Run
from tillpost.records import Answer, Batch, EdgeSettings, Fault, Outcome

STOPPING = {Fault.throttled, Fault.token, Fault.permission, Fault.dataset}
"""Faults after which nothing more of this dataset is tried in this run; retries have failed."""
UNSETTLED_IN_A_ROW = 3
"""So many batches in a row without an answer: nothing more of this dataset is tried."""
REFUSED_AT_FIRST = 10
"""So many events refused and none accepted: the requests are at fault, not their events."""
NAMED_AT_FIRST = 100
"""The same, of events that the edge named: they are refused before the others can go."""
ROOM = 4
"""Batches that may have left, as a multiple of those under way: none waits for the ledger."""
GATHER_SECONDS = 0.05
"""How long answers are gathered, at most, that the ledger then writes at once."""
BREAKER_FROM = 1_000
"""So many events must be settled before the share of refused ones means something."""


@dataclass(kw_only=True)
class Course:
    """How one dataset's stream goes."""

    has_accepted: bool = False
    refused: int = 0
    named: int = 0
    unsettled_in_a_row: int = 0

    def count(self, answer: Answer, *, is_named: bool) -> None:
        """Add one answer; what was not tried tells nothing."""
        if not answer.attempts:
            return
        self.has_accepted |= answer.outcome is Outcome.accepted
        is_refused = answer.outcome is Outcome.refused
        self.refused += is_refused and not is_named
        self.named += is_refused and is_named
        is_unsettled = answer.fault is Fault.temporary or answer.outcome is Outcome.uncertain
        self.unsettled_in_a_row = self.unsettled_in_a_row + 1 if is_unsettled else 0

    @property
    def is_hopeless(self) -> bool:
        """Whether all that was refused was refused for a fault that is not an event's."""
        at_first = self.refused >= REFUSED_AT_FIRST or self.named >= NAMED_AT_FIRST
        return at_first and not self.has_accepted


@dataclass(kw_only=True)
class Delivery:
    """Several requests at a time; the ledger and the summary are kept by the calling thread.

    ``numbers`` gives each batch of the run its own; at ``ends_at``, in epoch seconds, what was
    read as pending is too old to be relied on; ``answered`` counts each event once. Parts of
    refused batches wait in ``cut_up``, the last cut first.
    """

    edge: Edge
    ledger: Book
    settings: EdgeSettings
    run: Run
    rules_version: str
    summary: SendSummary
    listen: Listen
    pace: Pace
    stopping: Callable[[], bool]
    clock: Callable[[], float]
    numbers: Iterator[int]
    ends_at: float
    course: Course = field(default_factory=Course)
    answered: int = 0
    cut_up: list[Batch] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    trusts_names: bool = True
    stopped_datasets: set[str] = field(default_factory=set)
    stopped_tokens: set[str] = field(default_factory=set, repr=False)
    is_stopped: bool = False
    breach: PrivacyBreach | None = None

    def deliver(self, stream: Iterator[Batch]) -> None:
        """Send a stream of batches of one dataset, several at a time.

        Raises:
            PrivacyBreach: one of them must not leave; what was under way has been settled.
        """
        self.course = Course()
        self.cut_up.clear()
        flying: dict[Future[Answer], Batch] = {}
        landed: SimpleQueue[Future[Answer]] = SimpleQueue()
        with ThreadPoolExecutor(self.settings.max_in_flight) as pool, ThreadPoolExecutor(1) as gate:
            try:
                while True:
                    room = max(0, self._most() - len(flying))
                    group = self._next(stream, room=room)
                    for batch in group:
                        # Looked at while it waits for its turn.
                        looked_at = gate.submit(
                            breaches, batch.events.text, events=len(batch.events)
                        )
                        future = pool.submit(self._post, batch, looked_at)
                        flying[future] = batch
                        future.add_done_callback(landed.put)
                    if not flying:
                        break
                    # At the end there is nothing more that could wait for those under way.
                    kept = self.settings.max_in_flight if len(group) == room else 0
                    done = _gathered(landed, most=max(1, len(flying) - kept))
                    self._settle([(flying.pop(future), future.result()) for future in done])
            except BaseException:
                # What has not begun stays here; what has is `leaving`, and goes again in time.
                self.is_stopped = True
                self.pace.end()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        if self.breach:
            raise self.breach

    def _most(self) -> int:
        """How many may have left: one until one was accepted, so that refusals are few at first."""
        return ROOM * self.settings.max_in_flight if self.course.has_accepted else 1

    def _next(self, stream: Iterator[Batch], *, room: int) -> list[Batch]:
        """The next batches, written down as leaving; none once the run is to stop."""
        if self.pace.is_over() or self.clock() >= self.ends_at:
            self._note_end()
            return []
        group = [self.cut_up.pop() for _ in range(min(room, len(self.cut_up)))]
        if not self.is_stopped:
            group += islice(stream, room - len(group))
        group = [batch for batch in group if not self._is_off(batch)]
        if group:
            self.ledger.leaving(group, run_id=self.run.id, rules_version=self.rules_version)
        return group

    def _note_end(self) -> None:
        if not self.stopping():
            self.summary.is_out_of_time = True
        elif not self.summary.is_interrupted:
            self.summary.is_interrupted = True
            words = "what is under way is finished first, unless you stop again"
            self.listen(Progress(stage="stop", name=words, done=0, total=0))

    def _is_off(self, batch: Batch) -> bool:
        return (
            self.is_stopped
            or self.course.is_hopeless
            or batch.dataset_id in self.stopped_datasets
            or self.settings.token_of(batch.dataset_id) in self.stopped_tokens
        )

    def _post(self, batch: Batch, looked_at: Future[tuple[Breach, ...]]) -> Answer:
        if found := looked_at.result():
            self.breach, self.is_stopped = breach_error(batch, found), True
            return Answer(outcome=Outcome.returned, attempts=0)
        content = body(batch, settings=self.settings, upload_tag=self.run.id)
        return self.edge.send(
            content,
            dataset_id=batch.dataset_id,
            events=len(batch.events),
            may_go=lambda: (
                not self._is_off(batch) and self.clock() < min(batch.sendable_until, self.ends_at)
            ),
        )

    def _settle(self, pairs: list[tuple[Batch, Answer]]) -> None:
        settled = [(batch, self._judged(batch, answer)) for batch, answer in pairs]
        self.ledger.settle(settled, run_id=self.run.id)
        for batch, answer in settled:
            self._learn(batch, answer)
        self.listen(
            Progress(
                stage="send",
                name="events",
                done=self.summary.accepted + self.summary.refused,
                total=self.summary.pending,
            )
        )

    def _judged(self, batch: Batch, answer: Answer) -> Answer:
        """A refusal of several says nothing of each: they are free, unless one may be stored."""
        if answer.outcome is not Outcome.refused or len(batch.events) == 1:
            return answer
        return replace(answer, outcome=Outcome.uncertain if answer.is_lost else Outcome.returned)

    def _learn(self, batch: Batch, answer: Answer) -> None:
        """Take an answer into the sums, and cut up what was refused for one event's sake."""
        self.trusts_names &= not (batch.number in self.named and answer.outcome is Outcome.accepted)
        self.answered += 0 if batch.is_part else len(batch.events)
        if answer.fault is Fault.event and len(batch.events) > 1:
            self.summary.requests += answer.attempts
            self._cut_up(batch, answer)
            return
        self.summary.count(batch, answer)
        self.course.count(answer, is_named=batch.number in self.named)
        self.is_stopped |= answer.fault is Fault.blocked or self._is_broken()
        if answer.fault is Fault.token:
            self.stopped_tokens.add(self.settings.token_of(batch.dataset_id))
        is_silent = self.course.unsettled_in_a_row >= UNSETTLED_IN_A_ROW
        if answer.fault in STOPPING or is_silent:
            self.stopped_datasets.add(batch.dataset_id)

    def _cut_up(self, batch: Batch, answer: Answer) -> None:
        place = named_place(batch, answer) if self.trusts_names else None
        first, second = parts(batch, place=place, numbers=self.numbers)
        if place is not None:
            self.named.add(first.number)
        self.cut_up += [second, first]

    def _is_broken(self) -> bool:
        """Whether so many events are refused that something is wrong with all of them."""
        most = self.settings.max_refused_share * self.answered
        self.summary.is_broken |= self.answered >= BREAKER_FROM and self.summary.refused > most
        return self.summary.is_broken


def _gathered(landed: SimpleQueue[Future[Answer]], *, most: int) -> list[Future[Answer]]:
    """The next that has an answer, and those that follow soon after."""
    done = [landed.get()]
    until = time.monotonic() + GATHER_SECONDS
    while len(done) < most:
        try:
            done.append(landed.get(timeout=max(0.0, until - time.monotonic())))
        except Empty:
            break
    return done

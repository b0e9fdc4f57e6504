"""The ledger's protocol in any order of steps, beside a model of it that a page can hold."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from engine_probes import postgres_server
from ledger_batches import batch_of, event_keys
from tillpost.ledger import Book, Ledger, Sale
from tillpost.ledger.transfer import export_entries, import_entries
from tillpost.records import Answer, Batch, Outcome

START = 20_000 * 86_400
STRENGTH = ("expired", "refused", "leaving", "held", "accepted", "forgotten")
EVENTS = st.sets(st.integers(1, 4), min_size=1)
BOOKS = st.integers(0, 1)


@dataclass(frozen=True)
class Line:
    """A line of the model: an event's state, and what it belongs to."""

    event: int
    state: str
    run: str
    batch: int
    at: float


@dataclass(frozen=True)
class Standing:
    """What stands of an event, and when a person last said that it was lost."""

    state: str
    left_at: float
    at: float
    line: Line


@dataclass
class Model:
    """What a ledger should say."""

    lines: list[Line] = field(default_factory=list)

    def of(self, event: int) -> list[Line]:
        return [line for line in self.lines if line.event == event]

    def lost_at(self, event: int) -> float:
        return max((line.at for line in self.of(event) if line.state == "lost"), default=-1)

    def standing(self, event: int) -> Standing | None:
        kept: list[Line] = []
        refused: set[int] = set()
        for line in self.of(event):
            if line.state == "forgotten":
                return Standing("forgotten", line.at, line.at, line)
            if line.state == "lost":
                kept = []
            elif line.state == "returned":
                same = self._same(kept, line)
                if same and same[-1].state == "leaving":
                    kept.reverse()
                    kept.remove(same[-1])
                    kept.reverse()
            else:
                same = self._same(kept, line) if line.state == "refused" else []
                refused |= {id(each) for each in same[-1:] if each.state == "leaving"}
                kept.append(line)
        if not kept:
            return None
        left = [line for line in kept if line.state == "leaving"] or kept
        left = [line for line in left if id(line) not in refused] or left
        moment = min(line.at for line in left)
        return Standing(kept[-1].state, moment, kept[-1].at, kept[-1])

    def _same(self, kept: list[Line], line: Line) -> list[Line]:
        return [each for each in kept if (each.run, each.batch) == (line.run, line.batch)]

    def forget(self, events: set[int], now: float) -> None:
        for event in events & {line.event for line in self.lines}:
            stones = [line for line in self.of(event) if line.state == "forgotten"]
            self.lines = [line for line in self.lines if line.event != event]
            self.lines += stones or [Line(event, "forgotten", "", 0, now)]

    def merge(self, theirs: "Model") -> None:
        stones = {line.event for line in theirs.lines if line.state == "forgotten"}
        self.forget(stones, theirs.lines[0].at if theirs.lines else 0)
        stones |= {line.event for line in self.lines if line.state == "forgotten"}
        file = Model([x for x in theirs.lines if x.state == "forgotten" or x.event not in stones])
        events = {line.event for line in file.lines}
        wanted = {event: stronger(self, file, event) for event in events}
        left = {event: leaving(self, file, event) for event in events}
        self.lines += [line for line in file.lines if line not in self.lines]
        for event, (strength, best) in wanted.items():
            after = self.standing(event)
            if best and strength > (strength_of(after) if after else 0):
                moment = best.left_at if best.state == "leaving" else best.at
                self.lines.append(replace(best.line, at=moment))
            elif after and after.state == "leaving":
                earlier = [each for each in left[event] if each.left_at < after.left_at]
                self.lines += [replace(each.line, at=each.left_at) for each in earlier]


def strength_of(standing: Standing | None) -> int:
    return STRENGTH.index(standing.state) + 1 if standing else 0


def stronger(ours: Model, theirs: Model, event: int) -> tuple[int, Standing | None]:
    return max(sides_of(ours, theirs, event), key=lambda side: side[0])


def leaving(ours: Model, theirs: Model, event: int) -> list[Standing]:
    """What of each side left without an answer, and is not voided by the other."""
    return [
        found
        for strength, found in sides_of(ours, theirs, event)
        if found and strength and found.state == "leaving"
    ]


def sides_of(ours: Model, theirs: Model, event: int) -> list[tuple[int, Standing | None]]:
    sides = []
    for mine, other in ((ours, theirs), (theirs, ours)):
        found, lost_at = mine.standing(event), other.lost_at(event)
        is_void = (
            found is not None
            and found.state not in ("accepted", "forgotten")
            and lost_at > mine.lost_at(event)
            and lost_at > found.left_at
        )
        sides.append((0 if is_void else strength_of(found), found))
    return sides


def batch(events: set[int], number: int) -> Batch:
    return batch_of([str(UUID(int=event)) for event in sorted(events)], number=number)


class Machine(RuleBasedStateMachine):
    """Two ledgers on two machines whose clocks go anyhow."""

    opener: Callable[[Path, Callable[[], float]], Book]

    @initialize()
    def begin(self) -> None:
        self.now, self.number, self.ended = float(START), 0, ExitStack()
        self.folder = Path(self.ended.enter_context(TemporaryDirectory()))
        self.models = [Model(), Model()]
        self.books = [
            self.ended.enter_context(type(self).opener(self.folder / f"{n}.duckdb", self.clock))
            for n in (0, 1)
        ]
        self.flying: list[list[Batch]] = [[], []]

    def clock(self) -> float:
        return self.now

    def teardown(self) -> None:
        if hasattr(self, "ended"):
            self.ended.close()

    @rule(seconds=st.sampled_from([0, 1, 3_600, 7 * 86_400, -60]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(which=BOOKS, groups=st.lists(EVENTS, min_size=1, max_size=2))
    def leave(self, which: int, groups: list[set[int]]) -> None:
        batches = []
        for events in groups:
            self.number += 1
            batches.append(batch(events, self.number))
            self._write(which, events, "leaving", self.number)
        self.books[which].leaving(batches, run_id="run", rules_version="1")
        self.flying[which] += batches

    @rule(which=BOOKS, outcome=st.sampled_from(Outcome))
    def settle(self, which: int, outcome: Outcome) -> None:
        if not self.flying[which]:
            return
        first = self.flying[which].pop(0)
        answer = Answer(outcome=outcome, message="words")
        self.books[which].settle([(first, answer)], run_id="run")
        if outcome is not Outcome.uncertain:
            # What was forgotten meanwhile has nothing more written of it.
            left = {each.event for each in self.models[which].lines if each.batch == first.number}
            self._write(which, events_of(first) & left, outcome.value, first.number)

    @rule(which=BOOKS)
    def crash(self, which: int) -> None:
        self.flying[which].clear()

    @rule(which=BOOKS, events=EVENTS)
    def expire(self, which: int, events: set[int]) -> None:
        self.number += 1
        self.books[which].expire(batch(events, self.number), run_id="run", rules_version="1")
        self._write(which, events, "expired", self.number)

    @rule(which=BOOKS, ago=st.sampled_from([0, 3_600, 6 * 86_400]))
    def hold(self, which: int, ago: int) -> None:
        self.number += 1
        run = f"hold {self.number}"
        chosen = {
            event
            for event, found in self._standing(which).items()
            if found.state == "leaving" and found.left_at <= self.now - ago
        }
        held = self.books[which].hold(before=self.now - ago, run_id=run)
        assert held == len(chosen)
        self._write(which, chosen, "held", 0, run=run)

    @rule(which=BOOKS, state=st.sampled_from(["accepted", "lost"]), events=EVENTS)
    def resolve(self, which: int, state: str, events: set[int]) -> None:
        self.number += 1
        run = f"resolve {self.number}"
        standing = self._standing(which)
        chosen = {
            event
            for event in events
            if event in standing and standing[event].state in ("leaving", "held")
        }
        keys = [str(UUID(int=event)) for event in events]
        found = self.books[which].resolve(state, sale_keys=keys, event_keys=[], run_id=run)
        assert found == len(chosen)
        self._write(which, chosen, state, 0, run=run)

    @rule(which=BOOKS, event=st.integers(1, 4))
    def forget(self, which: int, event: int) -> None:
        key = str(UUID(int=event))
        self.books[which].forget([Sale(sale_key=key, dataset_id="1")])
        self.models[which].forget({event}, self.now)

    @rule(which=BOOKS, events=EVENTS)
    def ask(self, which: int, events: set[int]) -> None:
        book, path = self.books[which], self.folder / "snapshot.parquet"
        if not isinstance(book, Ledger):
            return
        whole = snapshot(book, path)
        assert asked(book, events, path) == {n: whole[n] for n in whole.keys() & events}
        book.forgotten(path)
        assert told(path) == {n: its for n, its in whole.items() if its[0] == "forgotten"}

    @rule(which=BOOKS, suffix=st.sampled_from(["csv", "parquet"]))
    def carry(self, which: int, suffix: str) -> None:
        self.number += 1
        path = self.folder / f"{self.number}.{suffix}"
        other = 1 - which
        lines = export_entries(self.books[which], path)
        assert lines == len(self.models[which].lines)
        before = self._standing(other)
        import_entries(self.books[other], path)
        self.models[other].merge(self.models[which])
        merged = self._standing(other)
        for event, found in before.items():
            if found.state in ("accepted", "forgotten"):
                assert STRENGTH.index(merged[event].state) >= STRENGTH.index(found.state)
        assert import_entries(self.books[other], path)[1] == 0

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "books"):
            return
        for which, book in enumerate(self.books):
            found = snapshot(book, self.folder / "snapshot.parquet")
            assert found == {
                event: (each.state, int(each.left_at), int(each.at))
                # When something was forgotten says nothing of it.
                if each.state != "forgotten"
                else (each.state, 0, 0)
                for event, each in self._standing(which).items()
            }

    def _standing(self, which: int) -> dict[int, Standing]:
        model = self.models[which]
        found = {event: model.standing(event) for event in {each.event for each in model.lines}}
        return {event: each for event, each in found.items() if each}

    def _write(
        self, which: int, events: set[int], state: str, number: int, *, run: str = "run"
    ) -> None:
        lines = [Line(event, state, run, number, self.now) for event in sorted(events)]
        self.models[which].lines += lines


def events_of(left: Batch) -> set[int]:
    return {UUID(key).int for key in event_keys(left.events)}


def snapshot(book: Book, path: Path) -> dict[int, tuple[str, int, int]]:
    book.snapshot(path, since_day=0)
    return told(path)


def asked(ledger: Ledger, events: set[int], path: Path) -> dict[int, tuple[str, int, int]]:
    """What the ledger says of a few events."""
    keys = path.with_name("keys.parquet")
    values = ", ".join(f"('{UUID(int=event)}'::uuid)" for event in sorted(events))
    duckdb.execute(f"copy (from (values {values}) as keys (ledger_key)) to '{keys}'")
    ledger.snapshot_of(keys, path, since_day=0, threads=1)
    return told(path)


def told(path: Path) -> dict[int, tuple[str, int, int]]:
    """A snapshot's file, read by the database that there is: one for each takes longer than it."""
    rows = duckdb.execute(
        "select event_key, state, first_left_at, last_at from read_parquet(?)", [str(path)]
    ).fetchall()
    assert len({key for key, *_ in rows}) == len(rows)
    return {
        key.int: (state, left, last) if state != "forgotten" else (state, 0, 0)
        for key, state, left, last in rows
    }


def check(opener: Callable[[Path, Callable[[], float]], Book], *, examples: int) -> None:
    machine = type("Machine", (Machine,), {"opener": staticmethod(opener)})
    rules = settings(
        max_examples=examples,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=rules)


@pytest.mark.parametrize("examples", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_any_order_of_steps_in_a_file(examples: int) -> None:
    check(lambda path, clock: Ledger.open(path, clock=clock), examples=examples)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.mark.slow
def test_any_order_of_steps_in_postgres_and_a_file(server: str) -> None:
    from tillpost.ledger.postgres import PostgresLedger  # noqa: PLC0415

    def opened(path: Path, clock: Callable[[], float]) -> Book:
        if path.stem == "0":
            return Ledger.open(path, clock=clock)
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("drop schema if exists till cascade")
        return PostgresLedger.open(server, schema="till", clock=clock)

    check(opened, examples=40)

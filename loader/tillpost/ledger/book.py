"""The book itself: what is written down about events, and what can be read back."""

from collections.abc import Callable, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

from tillpost.ledger import merging, oblivion, standing, statements
from tillpost.ledger.history import HISTORY, Written
from tillpost.ledger.rows import (
    Entry,
    Question,
    Run,
    Sale,
    Tally,
    answer_row,
    batch_row,
    require_holder,
    run_of,
)
from tillpost.ledger.store import Store
from tillpost.ledger.uploads import UPLOADS, Upload
from tillpost.records import Answer, Batch

DIGESTS = ("event_key", "sale_key", "payload_digest")


def digests_as(digest_type: str) -> str:
    """The digests of entries as columns of this type."""
    return ", ".join(f"cast(entries.{name} as {digest_type}) as {name}" for name in DIGESTS)


class Book(Store):
    """An open ledger, for one thread. What a method writes is on disk when it returns."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        """Take a clock that gives epoch seconds."""
        self._clock = clock
        self._left: dict[tuple[str, int], int] = {}

    def snapshot_query(self, *, since_day: int, digest_type: str = "uuid") -> str:
        """The same as a SELECT, for whoever reads where the ledger is."""
        return self._text(standing.SNAPSHOT, since_day=since_day, digests=digests_as(digest_type))

    def leaving(self, batches: Sequence[Batch], *, run_id: str, rules_version: str) -> None:
        """Write down that these batches leave now: before their first byte does.

        Raises:
            TryLater: another run has begun on this ledger since.
        """
        if not batches:
            return
        with self._transaction():
            ((holder,),) = self._ask(statements.HOLDER)
            require_holder(holder, run_id, where=self.where)
            entries = self._write(batches, "leaving", run_id=run_id, rules_version=rules_version)
        numbers = ((run_id, batch.number) for batch in batches)
        self._left |= dict(zip(numbers, entries, strict=True))

    def settle(self, pairs: Sequence[tuple[Batch, Answer]], *, run_id: str) -> None:
        """Write down what became of these batches; uncertain events stay `leaving`."""
        if not pairs:
            return
        now = self._now()
        entries = [self._left[run_id, batch.number] for batch, _ in pairs]
        with self._transaction():
            self._add_answers(
                [
                    answer_row(batch, answer, run_id=run_id, now=now, entry=entry)
                    for (batch, answer), entry in zip(pairs, entries, strict=True)
                ]
            )
        for batch, _ in pairs:
            del self._left[run_id, batch.number]

    def expire(self, batch: Batch, *, run_id: str, rules_version: str) -> None:
        """Write down that these events could not arrive before they expire: they never go."""
        with self._transaction():
            self._write([batch], "expired", run_id=run_id, rules_version=rules_version)

    def _write(
        self, batches: Sequence[Batch], state: str, *, run_id: str, rules_version: str
    ) -> list[int]:
        now = self._now()
        rows = [
            batch_row(batch, state, run_id=run_id, rules_version=rules_version, now=now)
            for batch in batches
        ]
        return self._add_batches(batches, rows)

    def hold(self, *, before: float, run_id: str) -> int:
        """Hold for a person what left without an answer up to this epoch second; says how many."""
        with self._transaction():
            return self._do(statements.HOLD, run_id, self._now(), "held", moment(before))

    def resolve(
        self, state: str, *, sale_keys: Sequence[str], event_keys: Sequence[str], run_id: str
    ) -> int:
        """Write down what a person says of held and unanswered events; says how many they are.

        Args:
            state: `accepted`, or `lost`, which frees them.
            sale_keys: of these sales.
            event_keys: and of these; without either, of all.
            run_id: the run that writes it down.
        """
        chosen = (",".join(sale_keys), ",".join(event_keys))
        with self._transaction():
            return self._do(statements.RESOLVE, run_id, self._now(), state, *chosen)

    def forget(self, sales: Sequence[Sale]) -> int:
        """Take every detail of these sales away, so that they never go again.

        Args:
            sales: those whose event key is not known stand for whatever is written of them.

        Returns:
            How many event keys stay, without anything else.
        """
        now, keys = self._now(), ",".join(dict.fromkeys(sale.sale_key for sale in sales))
        known = [sale for sale in sales if sale.event_key]
        if not keys:
            return 0
        with self._transaction():
            stones = self._forget(keys)
            if known:
                columns = ([s.event_key, s.sale_key, s.dataset_id] for s in known)
                events, its, datasets = map(",".join, zip(*columns, strict=True))
                stones += self._do(oblivion.STONES_OF_UNKNOWN, events, now, its, datasets)
        return stones

    def _forget(self, sale_keys: str) -> int:
        self._do(oblivion.WORDS, sale_keys)
        stones = self._do(oblivion.STONES, sale_keys, self._now())
        for statement in oblivion.DETAIL:
            self._do(statement, sale_keys)
        return stones

    def merge(self, lines: Path) -> int:
        """Take in the entries that another ledger's `copy_out` wrote; says how many were new.

        Of an event that both know the stronger state stands afterwards.
        """
        with self._transaction():
            self._load(lines)
            forgotten = [key for (key,) in self._ask(merging.FORGOTTEN)]
            if forgotten:
                self._forget(",".join(forgotten))
            self._do(merging.DETAIL)
            self._do(merging.OURS)
            self._do(merging.THEIRS)
            added = self._do(merging.ADD, self._now())
            self._do(merging.AFTER)
            self._do(merging.AGAIN, self._now())
            for table in merging.TABLES:
                self._do(f"drop table {table}")
        return added

    def entries(self, question: Question) -> tuple[Entry, ...]:
        """The newest state of events, the last written first."""
        rows = self._ask(
            statements.LISTED,
            question.state,
            ",".join(question.sale_keys),
            question.run_id,
            moment(question.held_before),
            question.limit,
        )
        return tuple(Entry(*row) for row in rows)

    def history(
        self, *, event_keys: Sequence[str], sale_keys: Sequence[str]
    ) -> tuple[Written, ...]:
        """All that was written of these events and sales, in the order of writing."""
        if not event_keys and not sale_keys:
            return ()
        rows = self._ask(HISTORY, ",".join(event_keys), ",".join(sale_keys))
        return tuple(Written(*row) for row in rows)

    def uploads(self, *, since: float) -> tuple[Upload, ...]:
        """What left since an epoch second, by run and dataset, the newest first."""
        return tuple(Upload(*row) for row in self._ask(UPLOADS, moment(since)))

    def datasets(self) -> tuple[str, ...]:
        """The datasets that events went to."""
        return tuple(sorted(dataset for (dataset,) in self._ask(statements.DATASETS)))

    def newest(self) -> float | None:
        """The greatest moment that is written down, in epoch seconds."""
        ((newest,),) = self._ask(statements.NEWEST)
        return None if newest is None else float(newest)

    def newest_left(self) -> float | None:
        """The greatest moment at which events left, in epoch seconds."""
        ((newest,),) = self._ask(statements.NEWEST_LEFT)
        return None if newest is None else float(newest)

    def start_run(self, run_id: str, *, command: str) -> None:
        """Write down that a run has begun: from now on only this one lets events leave."""
        with self._transaction():
            self._do(statements.TAKE, run_id)
            self._do(statements.START_RUN, run_id, self._now(), command)

    def end_run(self, run_id: str, *, exit_code: int, tally: Tally) -> None:
        """Write down how a run ended."""
        with self._transaction():
            self._do(statements.END_RUN, run_id, self._now(), exit_code, *astuple(tally))

    def digest_key(self) -> str:
        """The fingerprint of the key that its order ids are digested with; empty for none."""
        ((fingerprint,),) = self._ask(statements.DIGEST_KEY)
        return str(fingerprint or "")

    def is_empty(self) -> bool:
        """Whether it knows no event yet."""
        ((empty,),) = self._ask(statements.IS_EMPTY)
        return bool(empty)

    def has_played(self) -> bool:
        """Whether a sandbox settled any of what it knows."""
        ((played,),) = self._ask(statements.HAS_PLAYED)
        return bool(played)

    def keep_digest_key(self, fingerprint: str) -> None:
        """Write down the first key that a run sends with: it stays."""
        with self._transaction():
            self._do(statements.KEEP_DIGEST_KEY, fingerprint)

    def runs(self, limit: int) -> tuple[Run, ...]:
        """The newest runs, newest first."""
        return tuple(run_of(row) for row in self._ask(statements.RUNS, limit))

    def counts(self) -> dict[str, int]:
        """How many event keys stand in each state."""
        return dict(self._ask(standing.COUNTS))

    def uncertain(self) -> int:
        """How many events left without an answer."""
        return self.counts().get("leaving", 0)

    def _now(self) -> datetime:
        return moment(self._clock())


def moment(epoch: float) -> datetime:
    """A time in UTC, bare as a `timestamp` is."""
    return datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None)

"""What a ledger holds, as rows of parameters, and as the values that are read back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tillpost.errors import TryLater
from tillpost.records import Answer, Batch


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Events of one run: what left, and what became of it."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    uncertain: int = 0


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run, times in epoch seconds; one without an end goes on, or was cut short."""

    run_id: str
    command: str
    started_at: float
    ended_at: float | None
    exit_code: int | None
    tally: Tally


def require_holder(holder: str | None, run_id: str, *, where: str) -> None:
    """Make sure that no other run has begun since this one did.

    Raises:
        TryLater: one has, so that nothing more may leave in this run.
    """
    if holder not in (None, run_id):
        raise TryLater(
            "another run took the ledger over",
            where=where,
            why=f"run {holder} has begun since run {run_id} did",
            fix="run the same command again: what was written down before stays",
        )


def batch_row(
    batch: Batch, state: str, *, run_id: str, rules_version: str, now: datetime
) -> list[object]:
    """A batch's row of parameters: its events' digests are written beside it."""
    return [run_id, batch.number, batch.dataset_id, rules_version, state, now]


def run_of(row: tuple[Any, ...]) -> Run:
    """A run, from a row of the table of runs."""
    run_id, command, started_at, ended_at, exit_code, *counts = row
    sent, accepted, refused, uncertain = counts
    return Run(
        run_id=run_id,
        command=command,
        started_at=started_at,
        ended_at=ended_at,
        exit_code=exit_code,
        tally=Tally(sent=sent, accepted=accepted, refused=refused, uncertain=uncertain),
    )


def answer_row(
    batch: Batch, answer: Answer, *, run_id: str, now: datetime, entry: int
) -> list[object]:
    """An answer's row of parameters; the entry is its batch's."""
    return [
        run_id,
        batch.number,
        batch.dataset_id,
        answer.outcome.value,
        answer.fault.value,
        len(batch.events),
        answer.attempts,
        answer.message,
        answer.fbtrace_id,
        answer.code,
        answer.subcode,
        answer.http_status,
        "\n".join(answer.warnings),
        now,
        entry,
    ]


@dataclass(frozen=True)
class Entry:
    """What stands of one event; times in epoch seconds."""

    event_key: str
    sale_key: str
    dataset_id: str
    state: str
    first_left_at: float | None
    written_at: float
    run_id: str
    code: int | None
    subcode: int | None
    message: str | None
    fbtrace_id: str | None


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which events to list: an empty text asks for any.

    ``held_before`` is the epoch second up to which an unanswered event must have left to be held.
    """

    held_before: float
    state: str = ""
    sale_keys: tuple[str, ...] = ()
    run_id: str = ""
    limit: int = 20


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A sale by its key; ``event_key`` is empty where it is not known."""

    sale_key: str
    dataset_id: str
    event_key: str = ""

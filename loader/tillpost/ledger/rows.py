"""What a ledger holds, as rows of parameters, and as the values that are read back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


def entry_row(
    batch: Batch, answer: Answer | None = None, *, run_id: str, rules_version: str, now: datetime
) -> list[object]:
    """A batch's row of parameters: without an answer it is leaving."""
    return [
        ",".join(batch.event_keys),
        ",".join(batch.sale_keys),
        ",".join(batch.payload_digests),
        rules_version,
        batch.dataset_id,
        answer.outcome.value if answer else "leaving",
        run_id,
        batch.number,
        answer.attempts if answer else 0,
        now,
        answer.fbtrace_id if answer else None,
        answer.code if answer else None,
        answer.subcode if answer else None,
    ]


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


def answer_row(batch: Batch, answer: Answer, run_id: str, now: datetime) -> list[object]:
    """An answer's row of parameters."""
    return [
        run_id,
        batch.number,
        batch.dataset_id,
        answer.outcome.value,
        answer.fault.value,
        len(batch.event_keys),
        answer.attempts,
        answer.message,
        answer.fbtrace_id,
        answer.code,
        answer.subcode,
        answer.http_status,
        "\n".join(answer.warnings),
        now,
    ]

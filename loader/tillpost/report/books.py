"""What stands in the ledger, and what a person changed in it."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime

from tillpost.ledger import Entry
from tillpost.pipeline.books import Forgotten
from tillpost.report.tables import table

_COLUMNS = tuple(field.name for field in fields(Entry))
_SHOWN = 60
"""Characters of Meta's words in a table."""


def entries_words(entries: Sequence[Entry]) -> str:
    """Events as a table."""
    if not entries:
        return "no such event"
    rows = [
        (
            entry.event_key,
            entry.state,
            entry.dataset_id,
            _time(entry.first_left_at),
            _time(entry.written_at),
            entry.run_id,
            _code(entry),
            _short(entry.message),
            entry.fbtrace_id,
        )
        for entry in entries
    ]
    header = ("event", "state", "dataset", "first left", "last written", "run", "code")
    return table((*header, "message", "fbtrace_id"), rows)


def entries_json(entries: Sequence[Entry]) -> str:
    """The same for programs."""
    return json.dumps([_plain(entry) for entry in entries], indent=2, ensure_ascii=False)


def entries_csv(entries: Sequence[Entry]) -> str:
    """The same for spreadsheets."""
    file = io.StringIO()
    writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_plain(entry) for entry in entries)
    return file.getvalue().rstrip("\n")


def resolved_words(count: int, *, state: str) -> str:
    """What a person's word on so many events leads to."""
    if state == "accepted":
        return f"{count:,} events count as accepted: they are not sent again"
    return (
        f"{count:,} events count as lost: the next run sends them, if they are young enough\n"
        "if Meta did take them, it notices that only for 7 days after they first left; "
        "later it counts them twice"
    )


def adopted_words(*, is_new: bool) -> str:
    """What a key of digests is to the ledger now."""
    if not is_new:
        return "the ledger had this digest_key before: nothing had to be done"
    return (
        "this digest_key is the ledger's from now on: a run with another one, or none, is refused"
    )


def forgotten_words(forgotten: Forgotten) -> str:
    """What was taken out, and what was not."""
    if not forgotten.events:
        return "this order was forgotten before: nothing had to be taken out"
    named = "this order was found by the digest of its id\n" if forgotten.is_digested else ""
    return (
        f"{named}{forgotten.events:,} events forgotten: their keys stay in the ledger, without "
        "anything else, so that they are never sent\n"
        "not touched: copies and backups of the ledger, the logs of a server, your "
        "sources, and what Meta holds\n"
        "the build holds the order's hashes until the next: tillpost build"
    )


def _plain(entry: Entry) -> dict[str, object]:
    times = {"first_left_at": entry.first_left_at, "written_at": entry.written_at}
    return {**asdict(entry), **{name: _time(at) for name, at in times.items()}}


def _time(at: float | None) -> str | None:
    return None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _code(entry: Entry) -> str | None:
    codes = [str(code) for code in (entry.code, entry.subcode) if code is not None]
    return "/".join(codes) or None


def _short(message: str | None) -> str | None:
    line = " ".join((message or "").split())
    return f"{line[: _SHOWN - 1]}…" if len(line) > _SHOWN else line or None

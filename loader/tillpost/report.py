"""All words for people: what a command did, as a terminal shows it."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from tillpost.pipeline.build import BuildSummary, TestResult
from tillpost.pipeline.look import Status
from tillpost.pipeline.summary import SendSummary
from tillpost.pipeline.workspace import Progress

BUCKETS = (
    ("pending", "to be sent now"),
    ("accepted", "sent before and accepted"),
    ("changed", "sent before, and different since: never sent again by itself"),
    ("uncertain", "left without an answer, too long ago to try again"),
    ("refused", "refused by the edge, unchanged since"),
    ("expired", "not sent in time"),
    ("duplicate", "another event stands for the same sale"),
    ("rejected", "cannot be sent; the reasons are below"),
    ("folded", "a further line of a basket, counted with its first"),
    ("repeated", "a newer version of the row was exported"),
    ("unreadable", "a CSV line that does not parse"),
)
UNREADABLE_SHOWN = 3


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns of equal width, numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(header), *cells]) for i in range(len(header))]
    numeric = [all(_is_number(row[i]) for row in cells) and bool(cells) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(header), line(["─" * width for width in widths]), *map(line, cells)])


def rows_words(names: Sequence[str], rows: Sequence[Sequence[object]], *, width: int) -> str:
    """Rows as a table, or below each other where a table would be wider than the terminal."""
    wide = table(names, rows)
    if max(map(len, wide.splitlines())) <= width:
        return f"{wide}\n({len(rows):,} rows)"
    longest = max(map(len, names))
    blocks = (
        "\n".join(
            f"{name.rjust(longest)}  {_cell(value)}" for name, value in zip(names, row, strict=True)
        )
        for row in rows
    )
    return "\n\n".join([*blocks, f"({len(rows):,} rows)"])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _is_number(text: str) -> bool:
    return text == "" or text.replace(",", "").replace(".", "").replace("-", "").isdigit()


def build_words(summary: BuildSummary) -> str:
    """The funnel, bucket by bucket, and the reasons."""
    parts = [_clock_words(summary), _funnel(summary)]
    parts += _unreadable(summary)
    if summary.reasons:
        parts.append("Why sales were rejected (a sale may have several reasons)")
        parts.append(
            table(
                ("source", "reason", "sales", "meaning", "for example"),
                [
                    (name, reason, n, meaning, row)
                    for name, reason, meaning, n, row in summary.reasons
                ],
            )
        )
    if summary.reasons and not summary.events and not _known(summary):
        parts.append("warning: no sale can be sent: look at the reasons above")
    failed = [test for test in summary.tests if test.failures]
    parts.append(f"{len(summary.tests) - len(failed)} of {len(summary.tests)} tests passed")
    parts += [
        f"  {'FAILED' if test.failed else 'warned'}  {test.name}: {test.failures:,} bad rows"
        f" ({test.file})"
        for test in failed
    ]
    return "\n".join(parts)


def _clock_words(summary: BuildSummary) -> str:
    clock = datetime.fromtimestamp(summary.as_of, UTC)
    return f"Build {summary.run_id}, as of {clock:%Y-%m-%d %H:%M:%S} UTC"


def _funnel(summary: BuildSummary) -> str:
    names = [reading.name for reading in summary.sources if _in_funnel(summary, reading.name)]
    rows: list[tuple[object, ...]] = []
    for bucket, meaning in BUCKETS:
        counts = [summary.funnel.get(name, {}).get(bucket, 0) for name in names]
        if any(counts):
            rows.append((bucket, *counts, sum(counts), meaning))
    scopes = [sum(summary.funnel.get(name, {}).values()) for name in names]
    rows.append(("= in scope", *scopes, sum(scopes), "every row in exactly one bucket"))
    read = {reading.name: reading.rows + len(reading.unreadable) for reading in summary.sources}
    history = [read[name] - scope for name, scope in zip(names, scopes, strict=True)]
    rows.append(("history", *history, sum(history), "older than the lookback, never looked at"))
    total = [read[name] for name in names]
    rows.append(("= source", *total, sum(total), "rows and lines of the sources"))
    return table(("bucket", *names, "all", "meaning"), rows)


def _known(summary: BuildSummary) -> int:
    """Rows that the ledger has heard of: where there are some, a build may have nothing new."""
    buckets = ("accepted", "changed", "uncertain", "refused", "expired")
    return sum(counts.get(name, 0) for counts in summary.funnel.values() for name in buckets)


def _in_funnel(summary: BuildSummary, name: str) -> bool:
    """Whether it has rows to account for: a table that only explains others has none."""
    return name in summary.funnel or not summary.funnel


def _unreadable(summary: BuildSummary) -> list[str]:
    words = []
    for reading in summary.sources:
        if reading.rows == 0:
            words.append(f"warning: source {reading.name} is empty")
        for file, line, problem in reading.unreadable[:UNREADABLE_SHOWN]:
            words.append(f"unreadable: {file}:{line}  {problem}")
        more = len(reading.unreadable) - UNREADABLE_SHOWN
        if more > 0:
            words.append(f"unreadable: and {more:,} more lines, in the table unreadable_lines")
    return words


def send_words(summary: SendSummary) -> str:
    """What became of the events."""
    counts = [
        ("accepted", summary.accepted, "received by the edge"),
        ("refused", summary.refused, "refused by the edge, with its request"),
        ("returned", summary.returned, "not taken, and free to go again"),
        ("uncertain", summary.uncertain, "left, but no answer came"),
        ("expired", summary.expired, "too old before they could arrive"),
    ]
    rows = [row for row in counts if row[1] or row[0] == "accepted"]
    if not summary.pending:
        return f"Run {summary.run_id}: nothing to send"
    head = (
        f"Run {summary.run_id}: {summary.pending:,} events pending, {summary.requests:,} requests"
    )
    words = [head, table(("events", "count", "meaning"), rows)]
    words += [f"the edge warns: {warning}" for warning in summary.warnings]
    return "\n".join(words)


def progress_listener(*, quiet: bool) -> Callable[[Progress], None]:
    """One line on the terminal that moves; nothing at all in a pipe."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None

    def listen(progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 1.0
        bar = ("█" * round(24 * share)).ljust(24, "░")
        text = f"{progress.stage:<6}{bar} {progress.done:,}/{progress.total:,} {progress.name}"
        end = "\n" if progress.done >= progress.total else ""
        sys.stderr.write(f"\r\x1b[2K{text[:118]}{end}")
        sys.stderr.flush()

    return listen


def test_words(results: Sequence[TestResult]) -> str:
    """Each test that found something, and how many found nothing."""
    failed = [result for result in results if result.failures]
    lines = [
        f"{'FAILED' if result.failed else 'warned'}  {result.name}: {result.failures:,} bad rows"
        f" ({result.file})"
        for result in failed
    ]
    return "\n".join([*lines, f"{len(results) - len(failed)} of {len(results)} tests passed"])


def status_words(status: Status) -> str:
    """The last runs, the last build, and events by state."""
    if not status.runs:
        return f"nothing was sent yet: {status.ledger.name} has no run"
    rows = [
        (
            run.run_id,
            run.command,
            "cut short" if run.exit_code is None else run.exit_code,
            run.tally.accepted,
            run.tally.refused,
            run.tally.uncertain,
        )
        for run in status.runs
    ]
    words = [table(("run", "command", "exit", "accepted", "refused", "uncertain"), rows), ""]
    words.append(table(("events, newest state", "count"), sorted(status.events.items())))
    if status.last_build:
        words.append(
            f"\nlast build {status.last_build['run_id']}: {status.last_build['events']:,} pending"
        )
    return "\n".join(words)


def status_json(status: Status) -> str:
    """The same for programs."""
    return json.dumps(asdict(status), default=str, indent=2)

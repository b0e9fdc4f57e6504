"""What was sent, and how things stand."""

import json
from dataclasses import asdict
from pathlib import Path

from tillpost.pipeline.look import Status
from tillpost.pipeline.summary import SendSummary
from tillpost.report.tables import table


def send_words(summary: SendSummary) -> str:
    """What became of the events."""
    counts = [
        ("accepted", summary.accepted, "received by the edge"),
        ("refused", summary.refused, "refused by the edge, each for a fault of its own"),
        ("returned", summary.returned, "not taken, and free to go again"),
        ("uncertain", summary.uncertain, "left, but no answer came"),
        ("expired", summary.expired, "too old before they could arrive"),
        ("left", summary.left, "not begun: they go with the next run"),
    ]
    rows = [row for row in counts if row[1] or row[0] == "accepted"]
    if not summary.pending:
        return f"Run {summary.run_id}: nothing to send"
    head = (
        f"Run {summary.run_id}: {summary.pending:,} events pending, {summary.requests:,} requests"
    )
    words = [head, table(("events", "count", "meaning"), rows)]
    words += [
        f"refused with {code}: {events:,}" for code, events in sorted(summary.refused_by.items())
    ]
    words += [f"the edge warns: {warning}" for warning in summary.warnings]
    return "\n".join(words)


def status_words(status: Status) -> str:
    """The last runs, the last build, and events by state."""
    if not status.runs:
        return f"nothing was sent yet: {Path(status.ledger).name} has no run"
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

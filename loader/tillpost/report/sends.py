"""What was sent."""

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
    since = [
        f"of the plan, {events:,} events {words}" for words, events in summary.since_plan.items()
    ]
    if not summary.pending:
        return "\n".join([f"Run {summary.run_id}: nothing to send", *since])
    head = (
        f"Run {summary.run_id}: {summary.pending:,} events pending, {summary.requests:,} requests"
    )
    words = [head, table(("events", "count", "meaning"), rows), *since]
    words += [
        f"refused with {code}: {events:,}" for code, events in sorted(summary.refused_by.items())
    ]
    words += [f"the edge warns: {warning}" for warning in summary.warnings]
    return "\n".join(words)

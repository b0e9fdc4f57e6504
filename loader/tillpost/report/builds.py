"""What a build came to: where each row ended, why, and what could be better."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tillpost.pipeline.build_summary import BuildSummary, TestResult
from tillpost.report.tables import table

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
_SHOWN = 10


def build_words(summary: BuildSummary) -> str:
    """The funnel, bucket by bucket, and the reasons."""
    parts = [_clock_words(summary), _funnel(summary)]
    parts += _unreadable(summary)
    parts += _counted("Why sales were rejected (a sale may have several reasons)", summary.reasons)
    parts += _counted(
        "Fields that were left out, or could be better (a sale may have several)", summary.problems
    )
    parts += _frequent_words(summary)
    parts += _rules_words(summary)
    if summary.reasons and not summary.events and not _known(summary):
        parts.append("warning: no sale can be sent: look at the reasons above")
    mark = "FAILED " if summary.is_strict else "warning: "
    parts += [f"{mark}{each}\n  try: {each.fix}" for each in summary.lookalikes]
    failed = [test for test in summary.tests if test.failures]
    parts.append(f"{len(summary.tests) - len(failed)} of {len(summary.tests)} tests passed")
    parts += [f"  {_test_words(test)}" for test in failed]
    return "\n".join(parts)


def _counted(title: str, rows: Sequence[tuple[str, str, str, int, str]]) -> list[str]:
    """Words that were counted by source: reasons, or problems of fields."""
    if not rows:
        return []
    cells = [(name, word, sales, meaning, row) for name, word, meaning, sales, row in rows]
    return [title, table(("source", "word", "sales", "meaning", "for example"), cells)]


def _frequent_words(summary: BuildSummary) -> list[str]:
    """The hashes that cannot be a customer's: they match nobody, or the wrong one."""
    rows = [
        (field, digest, events, f"{share:.2%}") for field, digest, events, share in summary.frequent
    ]
    if not rows:
        return []
    words = "warning: too many events have the same hash: a placeholder, or customers mixed up"
    return [words, table(("field", "hash begins", "events", "of those with one"), rows[:_SHOWN])]


def _rules_words(summary: BuildSummary) -> list[str]:
    """Whether events went under other rules, so that the same customer may have other hashes."""
    if not summary.other_rules:
        return []
    words = (
        f"note: {summary.other_rules:,} events went under other rules of normalising than today's;"
        " those whose payload would differ now are in the bucket changed and stay as they were sent"
    )
    return [words]


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


def test_words(results: Sequence[TestResult]) -> str:
    """Each test that found something, and how many found nothing."""
    failed = [result for result in results if result.failures]
    lines = [_test_words(result) for result in failed]
    return "\n".join([*lines, f"{len(results) - len(failed)} of {len(results)} tests passed"])


def _test_words(test: TestResult) -> str:
    mark = "FAILED" if test.failed else "warned"
    kept = f", their keys are in {test.kept_in}" if test.kept_in else ""
    return f"{mark}  {test.name}: {test.failures:,} bad rows ({test.file}){kept}"

"""RESULTS.md: the tables of one run, for people."""

from collections.abc import Iterable, Sequence
from typing import Any

from targets import Results, Target, ratio, seconds, speed, targets

MODELS_SHOWN = 14
SIZES = {
    "reading": "reading the lines",
    "every_line": "reading, and SHA-256 of eleven columns of every line",
    "a_line_an_order": "reading, and SHA-256 of eleven columns of one line an order",
    "build": "`tillpost build`",
    "send": "`tillpost send`",
    "second_run": "`tillpost run`, 98 % sent already",
    "recent_run": "the same with `lookback: 2`",
}
PEERS = {
    "sdk_payloads": "`facebook-business`: payloads, nothing sent",
    "sdk_sent": "`facebook-business`: sent",
    "drt_sent": "`drt-core`: sent, two hashes an event",
    "run": "`tillpost run`, with its start",
}
PARTS = {
    "normalising and hashing, by SHA-256 alone": ("hashing", "ratio"),
    "sending at once, by the bare client's speed": ("sending", "at_once", "ratio"),
    "of it writing the ledger": ("sending", "at_once", "ledger_share"),
    "sending, answers after 100 ms, by the same": ("sending", "after_latency", "ratio"),
    "and of it writing the ledger": ("sending", "after_latency", "ledger_share"),
    "dbt build of the example retailer, by tillpost build": ("dbt", "ratio"),
}
NIGHTS = {"empty_ledger": "over an empty ledger", "full_ledger": "over {events:,} keys"}


def results_page(results: Results) -> str:
    """All tables."""
    about = results["about"]
    lines = [
        "# Results",
        "",
        f"Measured on {about['day']}: {about['cores']} cores, {about['gigabytes']} GB,"
        f" {about['machine']}, Python {about['python']}, DuckDB {about['duckdb']},"
        f" {about['threads']} threads, memory limit {about['memory_limit']};"
        f" {about['minutes']} minutes in all, load {about['load_before']} before the first."
        f" {about['note']}".rstrip(),
        "[README.md](README.md) says what each figure is. Made by `run.py`; not to be edited.",
        "",
        "## Targets",
        "",
        *table(("target", "wanted", "measured", ""), map(_target, targets(results))),
    ]
    for size in reversed(results["sizes"]):
        lines += ["", f"## {size['lines']:,} order lines", "", *_size(size)]
    if peers := results.get("peers"):
        largest = results["sizes"][-1]
        lines += ["", f"## Peers, on {peers['lines']:,} lines", "", *_peers(peers, largest)]
    if nightly := results.get("nightly"):
        words = f"## A night's {nightly['lines']:,} lines"
        lines += ["", words, "", *_nightly(nightly)]
    lines += ["", "## Parts alone", "", *_parts(results["parts"])]
    lines += ["", "![Seconds and megabytes by order lines](growth.svg)", ""]
    return "\n".join(lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of Markdown; the first column is words."""
    rule = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def _target(target: Target) -> Sequence[str]:
    wanted = _figure(target.wanted, target.unit)
    sense = "at least" if target.at_least else "at most"
    return target.name, f"{sense} {wanted}", _figure(target.measured, target.unit), target.missing


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f} MB" if unit == "MB" else f"{value:.2f} {unit}"


def _size(size: Results) -> list[str]:
    limit = seconds(size, "every_line")
    rows = [
        (words, *_taken(size, step, limit=limit)) for step, words in SIZES.items() if step in size
    ]
    spent = list(size["models"].items())[:MODELS_SHOWN]
    build = seconds(size, "build")
    models = [(f"`{name}`", f"{each:.2f}", _share(each, build)) for name, each in spent]
    faults = {step: size[step]["failed"] for step in SIZES if "failed" in size.get(step, {})}
    return [
        *table(("", "seconds", "lines/s", "times SHA-256", "peak MB"), rows),
        *(f"\n`{step}`: {fault.splitlines()[0]}" for step, fault in faults.items()),
        "",
        *table(("of the build", "seconds", "share"), models),
    ]


def _taken(figures: Results, step: str, *, limit: float | None) -> Sequence[str]:
    if (taken := seconds(figures, step)) is None:
        return "failed", "-", "-", f"{figures[step]['peak_mb']:,}"
    times = ratio(taken, limit)
    return (
        f"{taken:.2f}",
        f"{speed(figures, step):,.0f}",
        f"{times:.1f}" if times else "-",
        f"{figures[step]['peak_mb']:,}",
    )


def _peers(peers: Results, largest: Results) -> list[str]:
    ways = {"build": ("build",), "build and send": ("build", "send")}
    rows = [
        (words, *_taken(peers, step, limit=None)[:2], f"{peers[step]['peak_mb']:,}")
        for step, words in PEERS.items()
    ]
    for words, steps in ways.items():
        taken, fast = seconds(largest, *steps), speed(largest, *steps)
        if taken is not None and fast is not None:
            name = f"`tillpost` {words}, {largest['lines']:,} lines"
            rows.append((name, f"{taken:.2f}", f"{fast:,.0f}", ""))
    return table(("", "seconds", "lines/s", "peak MB"), rows)


def _nightly(nightly: Results) -> list[str]:
    limit = seconds(nightly, "empty_ledger")
    rows = [
        (words.format(**nightly["ledger"]), *_taken(nightly, step, limit=limit))
        for step, words in NIGHTS.items()
    ]
    return table(("", "seconds", "lines/s", "times the first", "peak MB"), rows)


def _parts(parts: Results) -> list[str]:
    rows = [(words, _part(parts, *path)) for words, path in PARTS.items()]
    rows += [
        (f"the gate, 1,000 events, {name}", f"{each} ms")
        for name, each in parts["gate"].get("ms", {}).items()
    ]
    return table(("", "measured"), rows)


def _part(parts: Results, script: str, *path: str) -> str:
    found: Any = parts.get(script, {})
    for key in path:
        found = found.get(key, {})
    return f"{found:.2f}" if found else "failed"


def _share(part: float, whole: float | None) -> str:
    return f"{part / whole:.0%}" if whole else "-"

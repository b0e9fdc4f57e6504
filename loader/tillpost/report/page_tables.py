"""The report's tables: the numbers behind each chart."""

from collections.abc import Iterator, Sequence

from tillpost.ledger import Run
from tillpost.pipeline.masking import without_addresses
from tillpost.pipeline.page_facts import Node, PageFacts, Told
from tillpost.report.builds import BUCKETS
from tillpost.report.charts import OUTCOMES
from tillpost.report.coverage import by_day, by_source, by_store, fields_in
from tillpost.report.model_graph import layer_of
from tillpost.report.page_cells import Table
from tillpost.report.proofs import leaving
from tillpost.report.sums import (
    day_of,
    events,
    grouped,
    outcome,
    shown,
    values,
)

MEANINGS = dict(BUCKETS) | {
    "new": "would go for the first time",
    "again": "left before, and would go again",
    "held": "left without an answer, for a person to settle",
    "uncertain": "left without an answer, and different since",
    "rejected": "cannot be sent: see the reasons",
}
NONE = "none"
_RUNS = 20


def funnel(facts: PageFacts) -> Table:
    """Source rows by bucket and source, with a total that must be all."""
    sources = list(facts.funnel)
    found = [name for name, _ in BUCKETS if any(name in each for each in facts.funnel.values())]
    rows: list[Sequence[object]] = []
    for bucket in found:
        counts = [facts.funnel[source].get(bucket, 0) for source in sources]
        rows.append((bucket, *counts, sum(counts), MEANINGS[bucket]))
    sums = [sum(facts.funnel[source].values()) for source in sources]
    rows.append(("in scope", *sums, sum(sums), "every row in exactly one bucket"))
    return Table(
        caption="Source rows, by the bucket they end in",
        columns={"bucket": "code", **dict.fromkeys([*sources, "all"], "number"), "meaning": "text"},
        rows=rows,
        has_total=True,
    )


def days(facts: PageFacts) -> Table:
    """Sales by day and outcome."""
    by_day = grouped(facts.plan.groups, lambda group: group.day)
    rows = [
        (
            NONE if day is None else day_of(day),
            *(events(g for g in by_day[day] if outcome(g) == name) for name in OUTCOMES),
            sum(group.expiring for group in by_day[day]),
        )
        for day in sorted(by_day, key=lambda day: (day is None, day))
    ]
    kinds = dict.fromkeys([*OUTCOMES, "expiring"], "number")
    return Table(caption="Sales by day (UTC)", columns={"day": "text", **kinds}, rows=rows)


def day_values(facts: PageFacts) -> Table:
    """Value by day, currency and outcome."""
    by = grouped(facts.plan.groups, lambda group: (group.day, group.currency))
    rows = [
        (
            day_of(day),
            code,
            *(
                values(g for g in by[day, code] if outcome(g) == name).get(code)
                for name in OUTCOMES
            ),
        )
        for day, code in sorted(key for key in by if key[0] is not None and key[1])
        if day is not None and code
    ]
    return Table(
        caption="Value by day (UTC) and currency",
        columns={"day": "text", "currency": "text", **dict.fromkeys(OUTCOMES, "amount")},
        rows=rows,
    )


def worth(facts: PageFacts) -> Table:
    """Value by currency and outcome."""
    by = grouped(facts.plan.groups, lambda group: group.currency)
    rows = [
        (
            code,
            events(by[code]),
            *(values(g for g in by[code] if outcome(g) == name).get(code) for name in OUTCOMES),
            values(by[code], "expiring_value").get(code),
        )
        for code in sorted(code for code in by if code)
    ]
    kinds = {"currency": "text", "sales": "number", **dict.fromkeys(OUTCOMES, "amount")}
    return Table(
        caption="Value of all sales in scope, by currency; never added over currencies",
        columns={**kinds, "expiring": "amount"},
        rows=rows,
    )


def buckets(facts: PageFacts) -> Table:
    """Sales by dataset, event name and bucket."""
    by = grouped(
        facts.plan.groups,
        lambda group: (group.dataset_id, without_addresses(group.event_name or ""), group.bucket),
    )
    ranked = sorted(by, key=lambda key: (key[0], key[1], -events(by[key])))
    rows = [(*key, events(by[key]), MEANINGS.get(key[2], "")) for key in ranked]
    return Table(
        caption="Sales by dataset, event and what becomes of them",
        columns={
            "dataset": "code",
            "event": "text",
            "bucket": "code",
            "sales": "number",
            "meaning": "text",
        },
        rows=rows,
    )


def coverage(facts: PageFacts) -> Table:
    """The share of each source's sales that have a field."""
    sources = by_source(facts)
    return Table(
        caption="Share of sales that have the field, of those that Meta has or could get",
        columns={"field": "code", **{each.source: "share" for each in sources}},
        rows=[(field, *(each.share(field) for each in sources)) for field in fields_in(sources)],
    )


def coverage_days(facts: PageFacts) -> Table:
    """The same by day."""
    days = by_day(facts)
    fields = fields_in(days)
    return Table(
        caption="Share of sales that have the field, by day and source",
        columns={
            "day": "text",
            "source": "code",
            "sales": "number",
            **dict.fromkeys(fields, "share"),
        },
        rows=[
            (day_of(each.day or 0), each.source, each.sales, *map(each.share, fields))
            for each in sorted(days, key=lambda each: (each.source, each.day))
        ],
    )


def coverage_stores(facts: PageFacts) -> Table:
    """The same by store, with what Meta can match."""
    stores = by_store(facts)
    fields = fields_in(stores)
    return Table(
        caption="Share of sales that Meta can match, and that have the field, by store",
        columns={
            "source": "code",
            "store": "code",
            "sales": "number",
            "can match": "share",
            **dict.fromkeys(fields, "share"),
        },
        rows=[
            (
                each.source,
                each.store,
                each.sales,
                each.matchable / each.sales,
                *map(each.share, fields),
            )
            for each in stores
        ],
    )


def told(found: Sequence[Told], word: str, caption: str) -> Table:
    """Reasons or problems with what they mean and a row to look at."""
    rows = [(each.word, each.sales, each.meaning, each.row_ref) for each in found]
    return Table(
        caption=caption,
        columns={
            word: "code",
            "sales": "number",
            "meaning": "text",
            "a row of it": "code",
        },
        rows=rows,
    )


def runs(facts: PageFacts) -> Table:
    """The newest runs."""
    rows = [
        (shown(run.started_at), run.command, *tally_of(run), run.exit_code, run.run_id)
        for run in facts.runs[:_RUNS]
    ]
    kinds = dict.fromkeys(["accepted", "refused", "no answer", "exit code"], "number")
    return Table(
        caption=f"The newest runs of {len(facts.runs):,}" if len(facts.runs) > _RUNS else "Runs",
        columns={"began": "text", "command": "code", **kinds, "run": "code"},
        rows=rows,
    )


def tally_of(run: Run) -> tuple[int, int, int]:
    """What the edge said of a run's events: accepted, refused, nothing."""
    return run.tally.accepted, run.tally.refused, run.tally.uncertain


def models(nodes: Sequence[Node]) -> Table:
    """What each model reads."""
    rows = [
        (
            node.name,
            layer_of(node.path),
            "table" if node.is_stored else "view",
            ", ".join([*node.sources, *node.refs]),
        )
        for node in nodes
    ]
    return Table(
        caption="Models in the order of building; reference tables are left out",
        columns={"model": "code", "folder": "text", "kept as": "text", "reads": "code"},
        rows=rows,
    )


def lineage(facts: PageFacts) -> Table:
    """Which columns each personal field of the payload is made of, and how."""
    return Table(
        caption="Personal fields of the payload, and what they are made of",
        columns={"field": "code", "treatment": "text", "from the columns": "code"},
        rows=list(_leaving(facts)),
    )


def _leaving(facts: PageFacts) -> Iterator[Sequence[object]]:
    for each in leaving(facts.evidence):
        yield each.field, each.treatment, ", ".join(each.sources)

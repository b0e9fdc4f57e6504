"""Asking the audit models of the build that stands, each once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tillpost.engines import Engine, Row
from tillpost.pipeline.audit_cells import COLUMNS, Cell, cell
from tillpost.pipeline.audit_facts import (
    AuditFacts,
    Dropped,
    FrequentHash,
    Outlier,
    Reason,
    Split,
    Values,
)
from tillpost.pipeline.masking import without_addresses
from tillpost.pipeline.workspace import Workspace

QUANTILES = ("p5", "p25", "p50", "p75", "p95", "p99")
_MOST_EXAMPLES = 20
_WHERE = "the audit"


def audit_facts(workspace: Workspace, engine: Engine) -> AuditFacts:
    """Ask every model of the build that stands."""
    asking = _Asking(workspace=workspace, engine=engine)
    return AuditFacts(
        cells=asking.cells(),
        funnel=asking.funnel(),
        reasons=asking.reasons(),
        dropped=asking.dropped(),
        values=asking.values(),
        outliers=asking.outliers(),
        splits=asking.splits(),
        frequent=asking.frequent(),
    )


@dataclass(frozen=True, kw_only=True)
class _Asking:
    workspace: Workspace
    engine: Engine

    def rows(self, sql: str, model: str) -> Sequence[Row]:
        text = self.workspace.compiler.text(sql.format(self.workspace.relation(model)), path=_WHERE)
        return self.engine.query(text, where=f"models/audit/{model}.sql")[1]

    def cells(self) -> tuple[Cell, ...]:
        """In an order of our own: engines put nulls first or last."""
        rows = self.rows(f"select {', '.join(COLUMNS)} from {{}}", "audit_days")
        return tuple(sorted(map(cell, rows), key=lambda each: each.order))

    def funnel(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        sql = "select source_name, bucket, source_rows from {} order by source_name, bucket"
        for source, bucket, rows in self.rows(sql, "audit_funnel"):
            counts[source][bucket] = int(rows)
        return dict(counts)

    def reasons(self) -> tuple[Reason, ...]:
        columns = "source_name, reason, meaning, sales, example_row_ref"
        sql = f"select {columns} from {{}} order by source_name, sales desc, reason"
        return tuple(
            Reason(
                source=source,
                reason=reason,
                meaning=meaning,
                sales=int(sales),
                row_ref=without_addresses(row_ref or ""),
            )
            for source, reason, meaning, sales, row_ref in self.rows(sql, "audit_reasons")
        )

    def dropped(self) -> tuple[Dropped, ...]:
        columns = "source_name, store, day, field, problem, meaning, sales"
        found = [
            Dropped(
                source=source,
                store=without_addresses(store) if store else None,
                day=None if day is None else int(day),
                field=field,
                problem=problem,
                meaning=meaning,
                sales=int(sales),
            )
            for source, store, day, field, problem, meaning, sales in self.rows(
                f"select {columns} from {{}}", "audit_dropped_fields"
            )
        ]
        return tuple(sorted(found, key=lambda each: each.order))

    def values(self) -> tuple[Values, ...]:
        columns = (
            "dataset_id, event_name, currency, sales, value, zero_sales, smallest, largest, "
            + ", ".join(QUANTILES)
        )
        sql = f"select {columns} from {{}} order by dataset_id, event_name, currency"
        return tuple(
            Values(
                dataset_id=dataset_id,
                event_name=name,
                currency=currency,
                sales=int(sales),
                value=_amount(value),
                zero_sales=int(zero),
                smallest=_amount(smallest),
                quantiles=dict(zip(QUANTILES, map(_amount, quantiles), strict=True)),
                largest=_amount(largest),
            )
            for dataset_id, name, currency, sales, value, zero, smallest, largest, *quantiles in (
                self.rows(sql, "audit_values")
            )
        )

    def outliers(self) -> tuple[Outlier, ...]:
        columns = "source_name, row_ref, currency, order_value, median"
        sql = _examples(columns, alike="source_name, currency", order="order_value desc, row_ref")
        return tuple(
            Outlier(
                source=source,
                row_ref=without_addresses(row_ref),
                currency=currency,
                value=_amount(value),
                median=_amount(median),
                alike=int(number),
            )
            for source, row_ref, currency, value, median, number in self.rows(sql, "audit_outliers")
        )

    def splits(self) -> tuple[Split, ...]:
        columns = "source_name, dataset_id, minute, orders, first_row_ref, last_row_ref"
        sql = _examples(
            columns,
            alike="source_name, dataset_id",
            order="orders desc, minute desc, first_row_ref",
        )
        return tuple(
            Split(
                source=source,
                dataset_id=dataset_id,
                minute=int(minute),
                orders=int(orders),
                row_refs=(without_addresses(first), without_addresses(last)),
                alike=int(number),
            )
            for source, dataset_id, minute, orders, first, last, number in self.rows(
                sql, "audit_split_baskets"
            )
        )

    def frequent(self) -> tuple[FrequentHash, ...]:
        sql = "select field, digest, events, share from {} order by share desc, field, digest"
        return tuple(
            FrequentHash(field=field, digest=digest, events=int(events), share=float(share))
            for field, digest, events, share in self.rows(sql, "audit_frequent_hashes")
        )


def _examples(columns: str, *, alike: str, order: str) -> str:
    """The first rows of each kind, with how many there are of it."""
    return f"""
        with
            numbered as (
                select
                    {columns},
                    count(*) over (partition by {alike}) as alike,
                    row_number() over (partition by {alike} order by {order}) as place
                from {{}}
            )
        select {columns}, alike
        from numbered
        where place <= {_MOST_EXAMPLES}
        order by {alike}, {order}
    """


def _amount(value: object) -> float:
    return round(float(str(value)), 6)

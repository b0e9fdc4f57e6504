"""What the report tells: a plan, and what the build, the ledger and the proof say beside it."""

import os
import socket
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tillpost.compiler import Manifest
from tillpost.engines import Engine, Row
from tillpost.errors import TryLater
from tillpost.ledger import Run
from tillpost.pipeline.build import SECONDS_PER_DAY
from tillpost.pipeline.evidence import Evidence, evidence
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.masking import without_addresses
from tillpost.pipeline.plan import Plan, Question, make_plan
from tillpost.pipeline.proofs import proved
from tillpost.pipeline.standing import standing_build
from tillpost.pipeline.workspace import Listen, Workspace
from tillpost.records import Owner

FIELDS = {
    "em": ("em", "em_2", "em_3"),
    "ph": ("ph", "ph_2", "ph_3"),
    "external_id": ("external_id", "external_id_2", "external_id_3"),
    "fn": ("fn",),
    "ln": ("ln",),
    "db": ("db",),
    "ge": ("ge",),
    "ct": ("ct", "ct_2"),
    "st": ("st",),
    "zp": ("zp", "zp_2"),
    "country": ("country",),
    "madid": ("madid",),
    "lead_id": ("lead_id",),
    "client_ip_address": ("client_ip_address",),
    "client_user_agent": ("client_user_agent",),
    "user_keys": ("user_keys",),
}
"""Meta's names of what is known of a customer, and the columns of `int_identities` that hold it."""
_RUNS = 1_000
_WHERE = "the report"


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Sales of one source and UTC day that could be sent, and how many of them have each field."""

    source: str
    day: int
    sales: int
    filled: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A reason or a problem: how many sales of a source it concerns, and the row of one of them."""

    source: str
    word: str
    meaning: str
    sales: int
    row_ref: str


@dataclass(frozen=True, kw_only=True)
class FrequentHash:
    """A hash that too many events have: its field, its first signs."""

    field: str
    digest: str
    events: int
    share: float


@dataclass(frozen=True, kw_only=True)
class Node:
    """A model and what it reads; ``is_stored`` where it is a table."""

    name: str
    path: str
    is_stored: bool
    refs: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """All that stands in a report; ``funnel`` counts rows by source and bucket.

    Of another tool's relation there is neither funnel nor coverage.
    """

    plan: Plan
    funnel: dict[str, dict[str, int]]
    coverage: tuple[Coverage, ...]
    reasons: tuple[Told, ...]
    problems: tuple[Told, ...]
    frequent: tuple[FrequentHash, ...]
    runs: tuple[Run, ...]
    states: dict[str, int]
    nodes: tuple[Node, ...]
    evidence: Evidence


def page_facts(workspace: Workspace, question: Question, *, listen: Listen) -> PageFacts:
    """Plan, then gather from the same build; no network, no rows.

    Raises:
        TryLater: another run holds the files, or has built in the meantime.
    """
    plan = make_plan(workspace, question, listen=listen)
    manifest, proof = proved(workspace)
    place, now = ledger_place(workspace), workspace.options.now.timestamp()
    with (
        place.lock(owner=_owner(workspace, plan), wait=question.wait),
        place.open(clock=lambda: now) as ledger,
        workspace.engine() as engine,
    ):
        if standing_build(workspace, engine) != plan.build and plan.build:
            raise TryLater("another run has built in the meantime", fix="tillpost report, again")
        asking = _Asking(workspace=workspace, engine=engine, is_built=plan.build is not None)
        return PageFacts(
            plan=plan,
            funnel=asking.funnel(),
            coverage=asking.coverage(),
            reasons=asking.told("audit_reasons", "reason"),
            problems=asking.told("audit_problems", "problem"),
            frequent=asking.frequent(),
            runs=ledger.runs(_RUNS),
            states=ledger.counts(),
            nodes=_nodes(manifest),
            evidence=evidence(workspace, manifest, proof),
        )


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """Questions to the relations of a build; without one there is nothing to ask."""

    workspace: Workspace
    engine: Engine
    is_built: bool

    def funnel(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        sql = f"select source_name, bucket, source_rows from {self._relation('audit_funnel')}"
        for source, bucket, rows in self._rows(sql):
            counts[source][bucket] = int(rows)
        return {source: counts[source] for source in sorted(counts)}

    def coverage(self) -> tuple[Coverage, ...]:
        """By source and day: sales whose customer was looked at and that nothing speaks against."""
        filled = ", ".join(
            f"count(coalesce({', '.join(f'identities.{each}' for each in columns)}, null))"
            f" as with_{field}"
            for field, columns in FIELDS.items()
        )
        day = f"baskets.event_time - baskets.event_time % {SECONDS_PER_DAY}"
        rows = self._rows(
            f"""
            select baskets.source_name, {day} as day, count(*) as sales, {filled}
            from {self._relation("int_identities")} as identities
            inner join {self._relation("int_basket_verdicts")} as verdicts
                on identities.basket = verdicts.basket
            inner join {self._relation("int_judged_baskets")} as baskets
                on identities.basket = baskets.basket
            where
                verdicts.bucket in ('pending', 'accepted', 'uncertain', 'changed', 'refused')
                and baskets.event_time is not null
            group by baskets.source_name, {day}
            order by baskets.source_name, day
            """
        )
        return tuple(
            Coverage(
                source=source,
                day=int(day),
                sales=int(sales),
                filled=dict(zip(FIELDS, map(int, counts), strict=True)),
            )
            for source, day, sales, *counts in rows
        )

    def told(self, model: str, word: str) -> tuple[Told, ...]:
        """The most frequent first; a row ref may hold what names the receipt."""
        rows = self._rows(
            f"select source_name, {word}, meaning, sales, example_row_ref"
            f" from {self._relation(model)} order by sales desc, {word}, source_name"
        )
        return tuple(
            Told(
                source=source,
                word=found,
                meaning=meaning,
                sales=int(sales),
                row_ref=without_addresses(row_ref or ""),
            )
            for source, found, meaning, sales, row_ref in rows
        )

    def frequent(self) -> tuple[FrequentHash, ...]:
        rows = self._rows(
            f"select field, digest, events, share from {self._relation('audit_frequent_hashes')}"
            " order by share desc, field, digest"
        )
        return tuple(
            FrequentHash(field=field, digest=digest, events=int(events), share=float(share))
            for field, digest, events, share in rows
        )

    def _relation(self, name: str) -> str:
        return self.workspace.relation(name)

    def _rows(self, sql: str) -> Sequence[Row]:
        if not self.is_built:
            return ()
        text = self.workspace.compiler.text(sql, path=_WHERE)
        return self.engine.query(text, where=_WHERE)[1]


def _nodes(manifest: Manifest) -> tuple[Node, ...]:
    """The models in the order in which they are built."""
    names = {model.name for model in manifest.models}
    return tuple(
        Node(
            name=model.name,
            path=model.path,
            is_stored=model.materialized == "table",
            refs=tuple(sorted(set(model.refs) & names)),
            sources=tuple(sorted(model.sources)),
        )
        for model in manifest.models
    )


def _owner(workspace: Workspace, plan: Plan) -> Owner:
    return Owner(
        pid=os.getpid(),
        host=socket.gethostname(),
        run_id=plan.run_id,
        command="report",
        started_at=f"{workspace.options.now:%Y-%m-%dT%H:%M:%SZ}",
    )

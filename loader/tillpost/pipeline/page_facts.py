"""What the report tells: a plan, and what the build, the ledger and the proof say beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillpost.compiler import Manifest
from tillpost.engines import Engine, Row
from tillpost.errors import TryLater
from tillpost.ledger import Book, Run
from tillpost.pipeline.audit import Audit, audit_of
from tillpost.pipeline.audit_asking import audit_facts
from tillpost.pipeline.evidence import Evidence, evidence
from tillpost.pipeline.ledgers import ledger_place, owner_of
from tillpost.pipeline.masking import without_addresses
from tillpost.pipeline.plan import Plan, Question, make_plan
from tillpost.pipeline.proofs import proved
from tillpost.pipeline.quality_factors import upload_days
from tillpost.pipeline.standing import standing_build
from tillpost.pipeline.workspace import Listen, Workspace
from tillpost.project.thresholds import thresholds

_RUNS = 1_000
_WHERE = "the report"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A reason or a problem: how many sales of a source it concerns, and the row of one of them."""

    source: str
    word: str
    meaning: str
    sales: int
    row_ref: str


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
    """All that stands in a report; of another tool's relation there is no audit."""

    plan: Plan
    audit: Audit | None
    reasons: tuple[Told, ...]
    problems: tuple[Told, ...]
    runs: tuple[Run, ...]
    states: dict[str, int]
    nodes: tuple[Node, ...]
    evidence: Evidence

    @property
    def funnel(self) -> dict[str, dict[str, int]]:
        """Rows by source and bucket."""
        return self.audit.facts.funnel if self.audit else {}


def page_facts(workspace: Workspace, question: Question, *, listen: Listen) -> PageFacts:
    """Plan, then gather from the same build; no network, no rows.

    Raises:
        TryLater: another run holds the files, or has built in the meantime.
    """
    plan = make_plan(workspace, question, listen=listen)
    manifest, proof = proved(workspace)
    place, now = ledger_place(workspace), workspace.options.now.timestamp()
    with (
        place.lock(owner=owner_of(workspace, "report", run_id=plan.run_id), wait=question.wait),
        place.open(clock=lambda: now) as ledger,
        workspace.engine() as engine,
    ):
        if standing_build(workspace, engine) != plan.build and plan.build:
            raise TryLater("another run has built in the meantime", fix="tillpost report, again")
        asking = _Asking(workspace=workspace, engine=engine, is_built=plan.build is not None)
        return PageFacts(
            plan=plan,
            audit=_audit(workspace, engine, ledger, plan) if plan.build else None,
            reasons=asking.told("audit_reasons", "reason"),
            problems=asking.told("audit_problems", "problem"),
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

    def _relation(self, name: str) -> str:
        return self.workspace.relation(name)

    def _rows(self, sql: str) -> Sequence[Row]:
        if not self.is_built:
            return ()
        text = self.workspace.compiler.text(sql, path=_WHERE)
        return self.engine.query(text, where=_WHERE)[1]


def _audit(workspace: Workspace, engine: Engine, ledger: Book, plan: Plan) -> Audit:
    return audit_of(
        plan,
        audit_facts(workspace, engine),
        uploads=upload_days(ledger, now=plan.as_of),
        limits=thresholds(workspace.project.vars),
    )


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

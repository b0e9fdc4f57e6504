"""An audit: the health of what would be sent, by the models in `models/audit`; nothing leaves."""

from dataclasses import dataclass

from tillpost.errors import TryLater, UsageError
from tillpost.pipeline.audit_asking import audit_facts
from tillpost.pipeline.audit_checks import findings
from tillpost.pipeline.audit_facts import AuditFacts
from tillpost.pipeline.audit_findings import Finding, Judge
from tillpost.pipeline.ledgers import ledger_place, owner_of
from tillpost.pipeline.plan import Plan, Question, make_plan
from tillpost.pipeline.quality_factors import Factor, quality_factors, timeliness, upload_days
from tillpost.pipeline.standing import standing_build
from tillpost.pipeline.sudden_changes import sudden_changes
from tillpost.pipeline.workspace import Listen, Workspace
from tillpost.project.thresholds import Thresholds, thresholds


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found; ``facts`` are what it was found in, ``factors`` are Meta's by dataset."""

    plan: Plan
    facts: AuditFacts
    factors: tuple[Factor, ...]
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[Finding, ...]:
        """What is beyond a limit of the project's own, or does not balance."""
        return tuple(each for each in self.findings if each.is_failure)


def audit_project(workspace: Workspace, question: Question, *, listen: Listen) -> Audit:
    """Plan, which builds unless nothing has changed, and look at that build.

    Raises:
        UsageError: the target sends what another tool builds: there is nothing to look into.
        TryLater: another run holds the files, or has built in the meantime.
    """
    if workspace.profile.settings.get("relation"):
        raise UsageError(
            "this target sends what another tool builds: there is nothing to audit",
            where=f"{workspace.profile.file}.relation",
            fix="tillpost plan counts it",
        )
    plan = make_plan(workspace, question, listen=listen)
    place, now = ledger_place(workspace), workspace.options.now.timestamp()
    with (
        place.lock(owner=owner_of(workspace, "audit", run_id=plan.run_id), wait=question.wait),
        place.open(clock=lambda: now) as ledger,
        workspace.engine() as engine,
    ):
        if standing_build(workspace, engine) != plan.build:
            raise TryLater("another run has built in the meantime", fix="tillpost audit, again")
        return audit_of(
            plan,
            audit_facts(workspace, engine),
            uploads=upload_days(ledger, now=plan.as_of),
            limits=thresholds(workspace.project.vars),
        )


def audit_of(
    plan: Plan, facts: AuditFacts, *, uploads: dict[str, int], limits: Thresholds
) -> Audit:
    """Judge what the models say; the worst first, then by place."""
    judge = Judge(thresholds=limits)
    found = [
        *findings(facts, judge, now=plan.as_of),
        *sudden_changes(facts.cells, judge, now=plan.as_of),
        *timeliness(facts, judge, uploads),
    ]
    found.sort(key=_order)
    return Audit(
        plan=plan,
        facts=facts,
        factors=quality_factors(facts, judge, uploads),
        findings=tuple(found),
    )


def _order(finding: Finding) -> tuple[bool, str, str, str, str]:
    place = finding.place
    return not finding.is_failure, place.source, place.store or "", finding.check, place.field

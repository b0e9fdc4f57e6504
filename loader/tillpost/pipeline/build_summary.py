"""What a build came to: its funnel, its reasons, its problems and its tests."""

from collections import defaultdict
from dataclasses import dataclass

from tillpost.engines import Engine
from tillpost.errors import CheckFailed, UsageError
from tillpost.pipeline.lookalikes import Lookalike
from tillpost.pipeline.masking import without_addresses
from tillpost.pipeline.workspace import Run, Workspace


@dataclass(frozen=True, kw_only=True)
class SourceReading:
    """What a raw table holds: all its rows, and for CSV the lines that do not parse."""

    name: str
    rows: int
    unreadable: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """A test and how many bad rows it found, more than it lets pass; ``kept_in`` has their keys."""

    __test__ = False

    name: str
    file: str
    severity: str
    failures: int
    kept_in: str = ""

    @property
    def failed(self) -> bool:
        """Whether it keeps the build from being sent."""
        return self.failures > 0 and self.severity == "error"


@dataclass(frozen=True, kw_only=True)
class BuildSummary:
    """What a build came to.

    ``funnel`` counts source rows by source and bucket; ``reasons`` and ``problems`` are rows of
    source, word, meaning, sales and an example's row ref; ``other_rules`` counts events of the
    ledger that went under other rules than today's; ``lookalikes`` are columns that look personal
    and have no tag, which a strict project does not send; ``frequent`` are rows of field, digest,
    events and share of the hashes that too many events have.
    """

    run_id: str
    as_of: int
    sources: tuple[SourceReading, ...]
    funnel: dict[str, dict[str, int]]
    reasons: tuple[tuple[str, str, str, int, str], ...]
    problems: tuple[tuple[str, str, str, int, str], ...]
    other_rules: int
    frequent: tuple[tuple[str, str, int, float], ...]
    events: int
    tests: tuple[TestResult, ...]
    lookalikes: tuple[Lookalike, ...] = ()
    is_strict: bool = False

    @property
    def failed(self) -> tuple[TestResult, ...]:
        """The tests that keep the build from being sent."""
        return tuple(test for test in self.tests if test.failed)

    @property
    def forbidden(self) -> tuple[Lookalike, ...]:
        """The columns that keep the build from being sent."""
        return self.lookalikes if self.is_strict else ()

    @property
    def fault(self) -> CheckFailed | None:
        """What keeps the build from being sent: a test failed, or there are rows from nowhere."""
        for source in self.sources:
            counted = sum(self.funnel.get(source.name, {}).values())
            held = source.rows + len(source.unreadable)
            if counted > held:
                return CheckFailed(
                    f"{source.name} does not balance: {counted:,} rows in buckets of {held:,}",
                    fix="a staging model must have a row for each row of its source",
                )
        if self.forbidden:
            return CheckFailed(
                f"{len(self.forbidden)} columns look personal and have no tag: nothing may be sent",
                why="\n".join(map(str, self.forbidden)),
                fix=self.forbidden[0].fix,
            )
        if failed := self.failed:
            return CheckFailed(
                f"{len(failed)} of {len(self.tests)} tests failed: nothing may be sent",
                why="\n".join(
                    f"{test.file}  {test.name}: {test.failures} bad rows" for test in failed
                ),
                fix=f"tillpost show --select {failed[0].name}, then mend the model or the data",
            )
        return None

    def require_success(self) -> None:
        """Raise what keeps the build from being sent, if anything does."""
        if self.fault:
            raise self.fault


def summarise(
    workspace: Workspace,
    engine: Engine,
    run: Run,
    readings: tuple[SourceReading, ...],
    tests: tuple[TestResult, ...],
) -> BuildSummary:
    """Read the account that the models keep."""
    _, counts = engine.query(
        f"select source_name, bucket, source_rows from {workspace.relation('audit_funnel')}",
        where="models/audit/audit_funnel.sql",
    )
    funnel: dict[str, dict[str, int]] = defaultdict(dict)
    for name, bucket, rows in counts:
        funnel[name][bucket] = rows
    _, events = engine.query(
        f"select count(*) from {workspace.relation('events')}", where="models/final/events.sql"
    )
    return BuildSummary(
        run_id=run.id,
        as_of=_as_of(workspace, engine),
        sources=readings,
        funnel=dict(funnel),
        reasons=_counted(workspace, engine, "audit_reasons", word="reason"),
        problems=_counted(workspace, engine, "audit_problems", word="problem"),
        other_rules=_sent_under_other_rules(workspace, engine),
        frequent=_frequent_hashes(workspace, engine),
        events=events[0][0],
        tests=tests,
    )


def _counted(
    workspace: Workspace, engine: Engine, model: str, *, word: str
) -> tuple[tuple[str, str, str, int, str], ...]:
    """What was counted by source and word, the most frequent first."""
    _, rows = engine.query(
        f"select source_name, {word}, meaning, sales, example_row_ref"
        f" from {workspace.relation(model)} order by source_name, sales desc, {word}",
        where=f"models/audit/{model}.sql",
    )
    # A row ref may hold what names the receipt.
    return tuple((*words, without_addresses(row_ref)) for *words, row_ref in rows)


def _frequent_hashes(
    workspace: Workspace, engine: Engine
) -> tuple[tuple[str, str, int, float], ...]:
    """The hashes that too many events have, the largest share first."""
    _, rows = engine.query(
        f"select field, digest, events, share from {workspace.relation('audit_frequent_hashes')}"
        " order by share desc, field, digest",
        where="models/audit/audit_frequent_hashes.sql",
    )
    return tuple((field, digest, events, float(share)) for field, digest, events, share in rows)


def _sent_under_other_rules(workspace: Workspace, engine: Engine) -> int:
    """How many events of the snapshot were accepted under another rules version."""
    _, rows = engine.query(
        f"select count(*) from {workspace.relation('ledger_snapshot')}"
        f" where state = 'accepted' and rules_version <> '{workspace.project.rules_version}'",
        where="the ledger",
    )
    return int(rows[0][0])


def _as_of(workspace: Workspace, engine: Engine) -> int:
    sql = workspace.compiler.text("select {{ as_of() }} as as_of", path="macros/as_of.sql")
    _, rows = engine.query(sql, where="macros/as_of.sql")
    if rows[0][0] is None:
        raise UsageError(
            "the clock cannot be read",
            where="var as_of",
            fix="--vars '{as_of: 2026-11-23T12:00:00Z}'",
        )
    return int(rows[0][0])

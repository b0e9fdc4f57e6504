"""A plan that was saved: what it pins, and whether that is still what would be sent."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from tillpost.engines import Engine
from tillpost.errors import CheckFailed, UsageError
from tillpost.pipeline.counting import Horizon
from tillpost.pipeline.workspace import Workspace

MAX_AGE = 6 * 3600
"""Seconds that a plan may wait: as long as a build may."""
TABLE = "planned_events"
_FORMAT = 1
_WHERE = "the plan"
_AGAIN = "tillpost plan --save, look at it, and send that"
# What may become of a planned event in the meantime, in words; all else is a change.
_EXPECTED = {
    "accepted": "were accepted since",
    "refused": "were refused since",
    "leaving": "left since without an answer: the next run settles them",
    "expired": "have expired since",
}
_CHANGES = {
    "payload": "have another payload",
    "gone": "are not to be sent any more",
    "added": "are new",
}

_DIGESTS = (
    "cast(event_key as varchar) as event_key, cast(payload_digest as varchar) as payload_digest"
)
_FATES = """
with
    planned as (select {digests}, sendable_until from {planned}),
    unsent as (
        select {digests} from {unsent} where sendable_until >= {arrives_by}
    ),
    sent as (select {digests}, state from {sent}),
    fates as (
        select
            planned.event_key,
            case
                when unsent.payload_digest = planned.payload_digest
                then 'planned'
                when
                    sent.state in ('accepted', 'refused', 'leaving', 'expired')
                    and sent.payload_digest = planned.payload_digest
                then sent.state
                when planned.sendable_until < {arrives_by}
                then 'expired'
                when unsent.event_key is not null
                then 'payload'
                else 'gone'
            end as fate
        from planned
        left join unsent on planned.event_key = unsent.event_key
        left join sent on planned.event_key = sent.event_key
        union all
        select unsent.event_key, 'added' as fate
        from unsent
        left join planned on unsent.event_key = planned.event_key
        where planned.event_key is null
    )
select fate, count(*) as events, min(event_key) as example
from fates
group by fate
"""


@dataclass(frozen=True, kw_only=True)
class SavedPlan:
    """What a file pins: clock, rules, and a digest of keys and payload digests in any order."""

    format: int
    plan_id: str
    project: str
    target: str
    as_of: int
    rules_version: str
    events: int
    digest: str


def save_plan(
    workspace: Workspace, engine: Engine, path: Path, *, plan_id: str, horizon: Horizon
) -> str:
    """Keep the keys of what would go beside the build, and pin them in a file; gives the digest."""
    engine.create(
        workspace.relation(TABLE),
        _text(
            workspace,
            f"""
            select event_key, payload_digest, sendable_until
            from {workspace.relation("unsent_events")}
            where sendable_until >= {horizon.arrives_by}
            """,
        ),
        materialized="table",
        where=_WHERE,
    )
    events, digest = _digest(workspace, engine)
    saved = SavedPlan(
        format=_FORMAT,
        plan_id=plan_id,
        project=workspace.project.name,
        target=workspace.profile.target,
        as_of=horizon.now,
        rules_version=workspace.project.rules_version,
        events=events,
        digest=digest,
    )
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(asdict(saved), indent=2) + "\n", encoding="utf-8")
    part.replace(path)
    return digest


def read_plan(path: Path) -> SavedPlan:
    """Read what `save_plan` wrote.

    Raises:
        UsageError: it is no such file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        saved = SavedPlan(**content)
    except (ValueError, TypeError):
        saved = None
    types = {field.name: int if field.type in (int, "int") else str for field in fields(SavedPlan)}
    if (
        saved is None
        or saved.format != _FORMAT
        or not all(isinstance(getattr(saved, name), kind) for name, kind in types.items())
    ):
        raise UsageError("this file is no saved plan", where=str(path), fix=_AGAIN)
    return saved


def require_planned(
    workspace: Workspace, engine: Engine, saved: SavedPlan, *, now: int, arrives_by: int
) -> Mapping[str, int]:
    """Make sure that what would be sent is what was planned.

    Returns:
        What became of planned events since, in words, and of how many.

    Raises:
        UsageError: the plan is of another project or target, or too old.
        CheckFailed: anything has changed but what was sent or has expired; says what.
    """
    _require_same_place(workspace, saved, now=now)
    changes = _other_rules(workspace, saved)
    if TABLE not in engine.relations() or _digest(workspace, engine) != (
        saved.events,
        saved.digest,
    ):
        changes.append("the build holds another plan, or none: a later one took its place")
        raise _refusal(saved, changes)
    fates = _fates(workspace, engine, arrives_by=arrives_by)
    changes += [
        f"{number:,} events {words}, such as {example}"
        for fate, words in _CHANGES.items()
        for number, example in [fates.get(fate, (0, ""))]
        if number
    ]
    if changes:
        raise _refusal(saved, changes)
    return {words: fates[fate][0] for fate, words in _EXPECTED.items() if fate in fates}


def _require_same_place(workspace: Workspace, saved: SavedPlan, *, now: int) -> None:
    ours = (workspace.project.name, workspace.profile.target)
    if (saved.project, saved.target) != ours:
        raise UsageError(
            "this plan was made for another project or target",
            where=f"plan {saved.plan_id}",
            why=f"it is of {saved.project}, target {saved.target}",
            fix=f"--target {saved.target}" if saved.project == ours[0] else _AGAIN,
        )
    if not saved.as_of <= now <= saved.as_of + MAX_AGE:
        made = f"{datetime.fromtimestamp(saved.as_of, UTC):%Y-%m-%d %H:%M:%S} UTC"
        raise UsageError(
            "this plan is of another moment",
            where=f"plan {saved.plan_id}",
            why=f"it is as of {made}, and holds for {MAX_AGE // 3600} hours",
            fix=_AGAIN,
        )


def _other_rules(workspace: Workspace, saved: SavedPlan) -> list[str]:
    rules = workspace.project.rules_version
    if rules == saved.rules_version:
        return []
    return [f"the rules of normalising are {rules}, the plan has {saved.rules_version}"]


def _refusal(saved: SavedPlan, changes: list[str]) -> CheckFailed:
    return CheckFailed(
        "what would be sent is not what was planned: nothing was sent",
        where=f"plan {saved.plan_id}",
        why="\n".join(changes),
        fix=_AGAIN,
    )


def _fates(workspace: Workspace, engine: Engine, *, arrives_by: int) -> dict[str, tuple[int, str]]:
    """What became of planned events, and what was not planned: how many, and one of them."""
    text = _FATES.format(
        planned=workspace.relation(TABLE),
        unsent=workspace.relation("unsent_events"),
        sent=workspace.relation("sent_since"),
        digests=_DIGESTS,
        arrives_by=arrives_by,
    )
    _, rows = engine.query(_text(workspace, text), where=_WHERE)
    return {fate: (number, example) for fate, number, example in rows}


def _digest(workspace: Workspace, engine: Engine) -> tuple[int, str]:
    """How many events are planned, and one digest of them all, whatever order they lie in."""
    keys, payloads, number = sha256(), sha256(), 0
    chunks = engine.stream(
        f"""
        select
            event_key, event_key as sale_key, payload_digest, sendable_until as event_time,
            sendable_until, '' as payload
        from {workspace.relation(TABLE)}
        order by event_key
        """
    )
    for chunk in chunks:
        keys.update(chunk.event_keys)
        payloads.update(chunk.payload_digests)
        number += len(chunk)
    return number, sha256(keys.digest() + payloads.digest()).hexdigest()


def _text(workspace: Workspace, sql: str) -> str:
    return workspace.compiler.text(sql, path=_WHERE)

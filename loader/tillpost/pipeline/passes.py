"""Passes: the pending events that nothing has sent yet, in the order in which they must leave."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from tillpost.batches import FRESH_SECONDS
from tillpost.engines import Engine
from tillpost.events import Events
from tillpost.pipeline.snapshots import SECONDS_PER_DAY
from tillpost.pipeline.workspace import Workspace

EXPIRY_DAYS = (1, 2, 4, 8, 16, 32)
"""Days to expiry at which one pass ends and the next begins."""
_EVER = 2**62


@dataclass(frozen=True, kw_only=True)
class Pass:
    """The events of one dataset and one age class that expire within a span, in epoch seconds.

    Events from ``fresh_from`` on are fresh.
    """

    dataset_id: str
    is_fresh: bool
    fresh_from: int
    expires_from: int
    expires_before: int
    events: int


def passes(workspace: Workspace, engine: Engine, *, now: int) -> list[Pass]:
    """Soonest expiry first, in spans that double: finer would read the payloads too often."""
    fresh_from = now - FRESH_SECONDS
    edges = [-_EVER, *(now + days * SECONDS_PER_DAY for days in EXPIRY_DAYS), _EVER]
    spans = " ".join(
        f"when sendable_until < {before} then {number}" for number, before in enumerate(edges[1:])
    )
    _, rows = engine.query(
        f"""
        select
            dataset_id,
            event_time >= {fresh_from} as is_fresh,
            case {spans} end as span,
            count(*) as events
        from {workspace.relation("unsent_events")}
        group by dataset_id, is_fresh, span
        order by dataset_id, is_fresh, span
        """,
        where="the final view",
    )
    return [
        Pass(
            dataset_id=dataset,
            is_fresh=fresh,
            fresh_from=fresh_from,
            expires_from=edges[span],
            expires_before=edges[span + 1],
            events=events,
        )
        for dataset, fresh, span, events in rows
    ]


def streams(planned: list[Pass]) -> list[list[Pass]]:
    """Passes that may share a request: one dataset, one age class; soonest expiry first."""
    groups: dict[tuple[str, bool], list[Pass]] = {}
    for each in planned:
        groups.setdefault((each.dataset_id, each.is_fresh), []).append(each)
    return sorted(groups.values(), key=lambda stream: stream[0].expires_from)


def events(workspace: Workspace, engine: Engine, stream: list[Pass]) -> Generator[Events]:
    """The final view's events of these passes, one pass after the other, in chunks.

    While one chunk is sent the next one is read.
    """
    chunks = _chunks(workspace, engine, stream)
    with closing(chunks), ThreadPoolExecutor(1, thread_name_prefix="read") as reader:
        coming = reader.submit(next, chunks, None)
        while chunk := coming.result():
            coming = reader.submit(next, chunks, None)
            yield chunk


def _chunks(workspace: Workspace, engine: Engine, stream: list[Pass]) -> Generator[Events]:
    for each in stream:
        age = ">=" if each.is_fresh else "<"
        dataset = each.dataset_id.replace("'", "''")
        yield from engine.stream(
            f"""
            select event_key, sale_key, payload_digest, event_time, sendable_until, payload
            from {workspace.relation("unsent_events")}
            where
                dataset_id = '{dataset}'
                and event_time {age} {each.fresh_from}
                and sendable_until >= {each.expires_from}
                and sendable_until < {each.expires_before}
            """
        )

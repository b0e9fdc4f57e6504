"""Batches: events cut into what one request can carry, and that request's body."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from tillpost.events import Events, groups
from tillpost.records import Batch, EdgeSettings

FRESH_SECONDS = 7 * 86_400
"""Events that are older never share a request with those that are not."""


def batches(  # noqa: PLR0913  seven facts that no smaller value holds together
    chunks: Iterable[Events],
    *,
    dataset_id: str,
    arrives_by: Callable[[], int],
    on_expired: Callable[[Batch], None],
    numbers: Iterator[int],
    batch_size: int = 1000,
    max_bytes: int = 8_000_000,
) -> Iterator[Batch]:
    """Cut the final view's events of one dataset into batches, each of one age class.

    Args:
        chunks: events, any number at a time; they are read as the batches are asked for.
        dataset_id: where they go.
        arrives_by: asked for each batch, when it will have arrived, in epoch seconds; what
            expires before that is not sent.
        on_expired: is told of what expires before it could arrive.
        numbers: gives each batch its number.
        batch_size: the most events of a batch.
        max_bytes: the most bytes of payload, commas between them counted; a single event that
            is larger still travels, alone.
    """
    for group in groups(chunks, batch_size):
        moment = arrives_by()
        fresh_from = moment - FRESH_SECONDS
        expired, sendable = _split(group, group.sendable_until, moment)
        if expired:
            on_expired(_batch(expired, dataset_id, next(numbers)))
        if not sendable:
            continue
        for age_class in _split(sendable, sendable.event_times, fresh_from):
            for part in _within(age_class, max_bytes):
                yield _batch(part, dataset_id, next(numbers), fresh_from=fresh_from)


def part_of(batch: Batch, places: Sequence[int], *, number: int) -> Batch:
    """Some events of a batch, by their places in it, as a batch of their own."""
    return replace(batch, number=number, events=batch.events.at(places), is_part=True)


def body(batch: Batch, *, settings: EdgeSettings, upload_tag: str) -> bytes:
    """The request's body: the payloads as they are, and the envelope's fields that have a value."""
    envelope = {
        "upload_tag": upload_tag,
        "partner_agent": settings.partner_agent,
        "test_event_code": settings.test_event_code,
    }
    fields = "".join(f",{json.dumps(name)}:{json.dumps(it)}" for name, it in envelope.items() if it)
    return b"".join((b'{"data":[', batch.events.text, b"]", fields.encode(), b"}"))


def _split(
    events: Events, times: Sequence[int], moment: int
) -> tuple[Events | None, Events | None]:
    """Those whose time lies before a moment, and the others; nearly always there are no two."""
    times = list(times)  # a buffer makes each number anew, whenever it is looked at
    if min(times) >= moment:
        return None, events
    if max(times) < moment:
        return events, None
    places = range(len(events))
    return (
        events.at(place for place in places if times[place] < moment),
        events.at(place for place in places if times[place] >= moment),
    )


def _within(events: Events | None, max_bytes: int) -> Iterator[Events]:
    """The events whole, or halved until each part's payloads fit."""
    if events is None:
        return
    if len(events) > 1 and len(events.text) > max_bytes:
        middle = len(events) // 2
        yield from _within(events.part(0, middle), max_bytes)
        yield from _within(events.part(middle, len(events)), max_bytes)
    else:
        yield events


def _batch(events: Events, dataset_id: str, number: int, *, fresh_from: int = 0) -> Batch:
    until, oldest = min(list(events.sendable_until)), min(list(events.event_times))
    return Batch(
        number=number,
        dataset_id=dataset_id,
        events=events,
        sendable_until=min(until, oldest + FRESH_SECONDS) if oldest >= fresh_from > 0 else until,
    )

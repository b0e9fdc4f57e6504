"""Batches: events cut into what one request can carry, and that request's body."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from tillpost.records import Batch, EdgeSettings

Row = tuple[Any, ...]
"""event_key, sale_key, payload_digest, dataset_id, event_time, sendable_until, payload."""

FRESH_SECONDS = 7 * 86_400
"""Events that are older never share a request with those that are not."""

_EVENT_TIME = 4
_SENDABLE_UNTIL = 5
_PAYLOAD = 6


def batches(  # noqa: PLR0913  six facts that no smaller value holds together
    rows: Iterable[Sequence[Row]],
    *,
    arrives_by: Callable[[], int],
    on_expired: Callable[[Batch], None],
    numbers: Iterator[int],
    batch_size: int = 1000,
    max_bytes: int = 8_000_000,
) -> Iterator[Batch]:
    """Cut the final view's rows of one dataset into batches, each of one age class.

    Args:
        rows: chunks of rows, of any size; they are read as the batches are asked for.
        arrives_by: asked for each batch, when it will have arrived, in epoch seconds; what
            expires before that is not sent.
        on_expired: is told of what expires before it could arrive.
        numbers: gives each batch its number.
        batch_size: the most events of a batch.
        max_bytes: the most bytes of payload, commas between them counted; a single event that
            is larger still travels, alone.
    """
    stream = chain.from_iterable(rows)
    while group := list(islice(stream, batch_size)):
        moment = arrives_by()
        expired, sendable = _split(group, _SENDABLE_UNTIL, moment)
        if expired:
            on_expired(_batch(expired, next(numbers)))
        for age_class in _split(sendable, _EVENT_TIME, moment - FRESH_SECONDS):
            for part in _within(age_class, max_bytes):
                yield _batch(part, next(numbers), fresh_from=moment - FRESH_SECONDS)


def part_of(batch: Batch, places: Sequence[int], *, number: int) -> Batch:
    """Some events of a batch, by their places in it, as a batch of their own."""
    columns = (batch.event_keys, batch.sale_keys, batch.payload_digests, batch.payloads)
    keys, sales, digests, payloads = (
        tuple(column[place] for place in places) for column in columns
    )
    return replace(
        batch,
        number=number,
        event_keys=keys,
        sale_keys=sales,
        payload_digests=digests,
        payloads=payloads,
        is_part=True,
    )


def body(batch: Batch, *, settings: EdgeSettings, upload_tag: str) -> bytes:
    """The request's body: the payloads as they are, and the envelope's fields that have a value."""
    envelope = {
        "upload_tag": upload_tag,
        "partner_agent": settings.partner_agent,
        "test_event_code": settings.test_event_code,
    }
    fields = "".join(f",{json.dumps(name)}:{json.dumps(it)}" for name, it in envelope.items() if it)
    return f'{{"data":[{",".join(batch.payloads)}]{fields}}}'.encode()


def _split(group: list[Row], column: int, moment: int) -> tuple[list[Row], list[Row]]:
    """The rows whose time lies before a moment, and the others; nearly always there are no two."""
    if not group or min(row[column] for row in group) >= moment:
        return [], group
    before = [row for row in group if row[column] < moment]
    return before, [row for row in group if row[column] >= moment]


def _within(group: list[Row], max_bytes: int) -> Iterator[list[Row]]:
    """The group whole, or halved until each part's payloads fit."""
    if len(group) > 1 and _is_larger([row[_PAYLOAD] for row in group], max_bytes):
        middle = len(group) // 2
        yield from _within(group[:middle], max_bytes)
        yield from _within(group[middle:], max_bytes)
    elif group:
        yield group


def _is_larger(payloads: list[str], max_bytes: int) -> bool:
    """Whether they are more bytes than that with commas between; a character has four at most."""
    characters = sum(map(len, payloads)) + len(payloads)
    return 4 * characters > max_bytes and len(",".join(payloads).encode()) > max_bytes


def _batch(group: list[Row], number: int, *, fresh_from: int = 0) -> Batch:
    keys, sales, digests, datasets, times, expiries, payloads = zip(*group, strict=True)
    if len(set(datasets)) > 1:
        raise ValueError("a stream of batches holds events of more than one dataset")
    until, oldest = min(expiries), min(times)
    return Batch(
        number=number,
        dataset_id=datasets[0],
        event_keys=keys,
        sale_keys=sales,
        payload_digests=digests,
        payloads=payloads,
        sendable_until=min(until, oldest + FRESH_SECONDS) if oldest >= fresh_from > 0 else until,
    )

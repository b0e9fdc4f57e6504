"""Batches: events cut into what one request can carry, and that request's body."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count, islice
from typing import Any

from tillpost.records import Batch, EdgeSettings

Row = tuple[Any, ...]
"""event_key, sale_key, payload_digest, dataset_id, event_time, sendable_until, payload."""

_SENDABLE_UNTIL = 5
_PAYLOAD = 6


def batches(  # noqa: PLR0913  six facts that no smaller value holds together
    rows: Iterable[Sequence[Row]],
    *,
    arrives_by: Callable[[], int],
    on_expired: Callable[[tuple[str, ...]], None],
    batch_size: int = 1000,
    max_bytes: int = 8_000_000,
    first: int = 1,
) -> Iterator[Batch]:
    """Cut the final view's rows of one dataset and one age class into batches.

    Args:
        rows: chunks of rows, of any size; they are read as the batches are asked for.
        arrives_by: asked for each batch, when it will have arrived, in epoch seconds; what
            expires before that is not sent.
        on_expired: is told the event keys of what expires before it could arrive.
        batch_size: the most events of a batch.
        max_bytes: the most bytes of payload, commas between them counted; a single event that
            is larger still travels, alone.
        first: the number of the first batch.
    """
    numbers = count(first)
    stream = chain.from_iterable(rows)
    while group := list(islice(stream, batch_size)):
        for part in _within(_sendable(group, arrives_by(), on_expired), max_bytes):
            yield _batch(part, next(numbers))


def body(batch: Batch, *, settings: EdgeSettings, upload_tag: str) -> bytes:
    """The request's body: the payloads as they are, and the envelope's fields that have a value."""
    envelope = {
        "upload_tag": upload_tag,
        "partner_agent": settings.partner_agent,
        "test_event_code": settings.test_event_code,
    }
    fields = "".join(f",{json.dumps(name)}:{json.dumps(it)}" for name, it in envelope.items() if it)
    return f'{{"data":[{",".join(batch.payloads)}]{fields}}}'.encode()


def _sendable(
    group: list[Row], arrives_by: int, on_expired: Callable[[tuple[str, ...]], None]
) -> list[Row]:
    if min(row[_SENDABLE_UNTIL] for row in group) >= arrives_by:
        return group
    on_expired(tuple(row[0] for row in group if row[_SENDABLE_UNTIL] < arrives_by))
    return [row for row in group if row[_SENDABLE_UNTIL] >= arrives_by]


def _within(group: list[Row], max_bytes: int) -> Iterator[list[Row]]:
    """The group whole, or halved until each part's payloads fit."""
    if len(group) > 1 and len(",".join([row[_PAYLOAD] for row in group]).encode()) > max_bytes:
        middle = len(group) // 2
        yield from _within(group[:middle], max_bytes)
        yield from _within(group[middle:], max_bytes)
    elif group:
        yield group


def _batch(group: list[Row], number: int) -> Batch:
    event_keys, sale_keys, digests, datasets, _, expiries, payloads = zip(*group, strict=True)
    if len(set(datasets)) > 1:
        raise ValueError("a stream of batches holds events of more than one dataset")
    return Batch(
        number=number,
        dataset_id=datasets[0],
        event_keys=event_keys,
        sale_keys=sale_keys,
        payload_digests=digests,
        payloads=payloads,
        sendable_until=min(expiries),
    )

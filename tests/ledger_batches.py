"""Batches as tests make them: from keys, and back to keys."""

from collections.abc import Sequence
from uuid import UUID

from tillpost.events import Events, events_of
from tillpost.records import Batch

DIGEST_BYTES = 16


def batch_of(
    event_keys: Sequence[str],
    sale_keys: Sequence[str] | None = None,
    payload_digests: Sequence[str] | None = None,
    *,
    number: int = 1,
    dataset_id: str = "1",
) -> Batch:
    """A batch; what is not given is the event key again."""
    columns = (event_keys, sale_keys or event_keys, payload_digests or event_keys)
    rows = [(*keys, 0, 0, "{}") for keys in zip(*columns, strict=True)]
    return Batch(number=number, dataset_id=dataset_id, events=events_of(rows), sendable_until=0)


def event_keys(events: Events) -> list[str]:
    return keys_in(events.event_keys)


def sale_keys(events: Events) -> list[str]:
    return keys_in(events.sale_keys)


def keys_in(digests: memoryview) -> list[str]:
    starts = range(0, len(digests), DIGEST_BYTES)
    return [str(UUID(bytes=bytes(digests[at : at + DIGEST_BYTES]))) for at in starts]


def payloads(events: Events) -> list[str]:
    spans = zip(events.offsets, events.offsets[1:], strict=False)
    return [bytes(events.payloads[start : stop - 1]).decode() for start, stop in spans]

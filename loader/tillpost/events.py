"""Events side by side: the final view's columns as buffers, so that no row becomes an object."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

DIGEST_BYTES = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Events:
    """Events of one dataset.

    Digests have 16 bytes an event, times are in epoch seconds. A payload lies in ``payloads``
    between its offset and the next one's, and ends with a comma: so a slice is a request's body.
    """

    event_keys: memoryview
    sale_keys: memoryview
    payload_digests: memoryview
    event_times: Sequence[int]
    sendable_until: Sequence[int]
    payloads: memoryview
    offsets: Sequence[int]

    def __len__(self) -> int:
        """How many they are."""
        return len(self.offsets) - 1

    @property
    def text(self) -> memoryview:
        """The payloads with commas between them."""
        return self.payloads[self.offsets[0] : self.offsets[-1] - 1]

    def part(self, start: int, stop: int) -> "Events":
        """Those from one place up to another; nothing is copied."""
        keys = slice(start * DIGEST_BYTES, stop * DIGEST_BYTES)
        return Events(
            event_keys=self.event_keys[keys],
            sale_keys=self.sale_keys[keys],
            payload_digests=self.payload_digests[keys],
            event_times=self.event_times[start:stop],
            sendable_until=self.sendable_until[start:stop],
            payloads=self.payloads,
            offsets=self.offsets[start : stop + 1],
        )

    def at(self, places: Iterable[int]) -> "Events":
        """Those at some places."""
        return joined([self.part(place, place + 1) for place in places])


def joined(parts: Sequence[Events]) -> Events:
    """One after the other; a single one as it is."""
    if len(parts) == 1:
        return parts[0]
    payloads = [part.payloads[part.offsets[0] : part.offsets[-1]] for part in parts]
    lengths = (
        following - offset
        for part in parts
        for offset, following in zip(part.offsets, part.offsets[1:], strict=False)
    )
    return Events(
        event_keys=memoryview(b"".join(part.event_keys for part in parts)),
        sale_keys=memoryview(b"".join(part.sale_keys for part in parts)),
        payload_digests=memoryview(b"".join(part.payload_digests for part in parts)),
        event_times=array("q", (each for part in parts for each in part.event_times)),
        sendable_until=array("q", (each for part in parts for each in part.sendable_until)),
        payloads=memoryview(b"".join(payloads)),
        offsets=array("q", accumulate(lengths, initial=0)),
    )


def events_of(rows: Iterable[tuple[Any, ...]]) -> Events:
    """Rows of an engine that has no buffers: three digests in hex, two times, a payload."""
    keys, sales, digests, times, expiries, payloads = zip(*rows, strict=True)
    texts = [payload.encode() + b"," for payload in payloads]
    return Events(
        event_keys=_digests(keys),
        sale_keys=_digests(sales),
        payload_digests=_digests(digests),
        event_times=array("q", times),
        sendable_until=array("q", expiries),
        payloads=memoryview(b"".join(texts)),
        offsets=array("q", accumulate(map(len, texts), initial=0)),
    )


def groups(chunks: Iterable[Events], size: int) -> Iterator[Events]:
    """The same events, so many at a time; only the last are fewer."""
    waiting: list[Events] = []
    for chunk in chunks:
        start = 0
        while start < len(chunk):
            stop = min(len(chunk), start + size - sum(map(len, waiting)))
            waiting.append(chunk.part(start, stop))
            start = stop
            if sum(map(len, waiting)) == size:
                yield joined(waiting)
                waiting = []
    if waiting:
        yield joined(waiting)


def _digests(texts: Sequence[str]) -> memoryview:
    return memoryview(bytes.fromhex("".join(texts).replace("-", "")))

"""What the sandbox holds: counts for good, and the newest events to look at."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import Any

DAY = 86_400
WEEK = 7 * DAY
FRESH = 3 * DAY
"""How old an event may be that Meta still finds fresh."""
PEOPLE = frozenset({"em", "ph", "madid"})
"""The keys of user_data that Meta's quality asks for; here any of them finds its person."""
OFFLINE = "physical_store"
NEWEST = 1_000
PIECE = 10_000

Event = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of one request."""

    received: int
    stored: int

    @property
    def duplicates(self) -> int:
        """Events that were received and not stored."""
        return self.received - self.stored


@dataclass(frozen=True, kw_only=True)
class StoredEvent:
    """An event as it came, and where and when."""

    dataset_id: str
    received_at: float
    upload_tag: str
    event: Event


@dataclass(kw_only=True)
class Upload:
    """The events that came under one upload tag."""

    first: float
    last: float
    received: int = 0
    stored: int = 0
    matched: int = 0


@dataclass(kw_only=True)
class Shelf:
    """What one dataset received.

    ``shapes`` counts stored events by event_name, action_source and the keys of user_data;
    ``fresh`` the fresh offline ones by event_name; ``days`` are those with a request, counted from
    1970; ``came`` counts how often each deduplication key arrived: it forgets nothing, ``seen``
    does.
    """

    requests: int = 0
    refused_requests: int = 0
    received: int = 0
    stored: int = 0
    value: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    shapes: Counter[tuple[str, str, tuple[str, ...]]] = field(default_factory=Counter)
    fresh: Counter[str] = field(default_factory=Counter)
    days: set[int] = field(default_factory=set)
    uploads: dict[str, Upload] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)
    arrivals: deque[tuple[float, list[bytes]]] = field(default_factory=deque)
    came: Counter[bytes] = field(default_factory=Counter)

    def is_new(self, event: Event, key: bytes, arrived: list[bytes]) -> bool:
        """Tell whether it is not a duplicate; only offline events are held against each other."""
        if event["action_source"] != OFFLINE:
            return True
        if key in self.seen:
            return False
        self.seen.add(key)
        arrived.append(key)
        return True

    def count(self, event: Event, *, now: float) -> None:
        """Take a stored event into the sums."""
        self.stored += 1
        if event["action_source"] == OFFLINE and event["event_time"] > now - FRESH:
            self.fresh[event["event_name"]] += 1
        self.shapes[event["event_name"], event["action_source"], tuple(event["user_data"])] += 1
        custom = event.get("custom_data", {})
        if "value" in custom and "currency" in custom:
            self.value[custom["currency"]] += Decimal(str(custom["value"]))

    def names(self) -> Counter[tuple[str, str]]:
        """Stored events by event_name and action_source."""
        names: Counter[tuple[str, str]] = Counter()
        for (name, source, _keys), number in self.shapes.items():
            names[name, source] += number
        return names

    def coverage(self) -> dict[str, dict[str, float]]:
        """Per event name, the share of stored events that carried each user_data key."""
        stored: Counter[str] = Counter()
        carried: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (name, _source, keys), number in self.shapes.items():
            stored[name] += number
            carried[name].update(dict.fromkeys(keys, number))
        return {
            name: {key: times / stored[name] for key, times in counts.most_common()}
            for name, counts in carried.items()
        }

    def forget_before(self, moment: float) -> None:
        """Drop the keys of requests that came before: a duplicate of those counts again."""
        while self.arrivals and self.arrivals[0][0] <= moment:
            self.seen.difference_update(self.arrivals.popleft()[1])


def deduplication_key(event: Event) -> bytes:
    """Meta's key within one dataset: 16 bytes, so that a million fit in little memory."""
    custom = event.get("custom_data", {})
    sale = custom.get("order_id") or sorted(
        (key, sorted(value) if isinstance(value, list) else [value])
        for key, value in event["user_data"].items()
    )
    parts = (event["event_time"], event["event_name"], custom.get("item_number"), sale)
    return blake2b(repr(parts).encode(), digest_size=16).digest()


class Store:
    """Everything received since the start, or since it was told to forget."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._shelves: defaultdict[str, Shelf] = defaultdict(Shelf)
        self._newest: deque[StoredEvent] = deque(maxlen=NEWEST)

    def keep(
        self,
        dataset_id: str,
        *,
        events: Sequence[Event],
        keys: Sequence[bytes],
        upload_tag: str,
        now: float,
    ) -> Receipt:
        """Store the events of a good request, duplicates apart; the first one wins.

        Args:
            dataset_id: where they go.
            events: all events of the request.
            keys: the deduplication key of each.
            upload_tag: what they came under.
            now: the time, in epoch seconds.
        """
        shelf = self._shelves[dataset_id]
        shelf.forget_before(now - WEEK)
        arrived: list[bytes] = []
        fresh = [
            event
            for event, key in zip(events, keys, strict=True)
            if shelf.is_new(event, key, arrived)
        ]
        shelf.came.update(keys)
        shelf.arrivals.append((now, arrived))
        for event in fresh:
            shelf.count(event, now=now)
        self._newest.extend(
            StoredEvent(dataset_id=dataset_id, received_at=now, upload_tag=upload_tag, event=event)
            for event in fresh
        )
        shelf.requests += 1
        shelf.days.add(int(now) // DAY)
        shelf.received += len(events)
        upload = shelf.uploads.setdefault(upload_tag, Upload(first=now, last=now))
        upload.last = now
        upload.received += len(events)
        upload.stored += len(fresh)
        upload.matched += sum(not PEOPLE.isdisjoint(event["user_data"]) for event in fresh)
        return Receipt(received=len(events), stored=len(fresh))

    def refuse(self, dataset_id: str) -> None:
        """Count a request of which nothing was stored."""
        shelf = self._shelves[dataset_id]
        shelf.requests += 1
        shelf.refused_requests += 1

    def shelves(self) -> dict[str, Shelf]:
        """What each dataset received, by id; to be read only."""
        return dict(sorted(self._shelves.items()))

    def shelf(self, dataset_id: str) -> Shelf:
        """What one dataset received, which may be nothing yet."""
        return self._shelves.get(dataset_id, Shelf())

    def newest(self, limit: int) -> Iterator[StoredEvent]:
        """The events stored last, newest first."""
        return (event for _, event in zip(range(limit), reversed(self._newest), strict=False))

    def forget(self) -> None:
        """Start anew."""
        self._shelves.clear()
        self._newest.clear()


def keys_as_csv(store: Store) -> Iterator[str]:
    """How often each deduplication key arrived, in pieces: there may be millions."""
    yield "dataset_id,key,arrivals\n"
    for dataset_id, shelf in store.shelves().items():
        # Requests may come between two pieces, and a dict that grows cannot be walked.
        keys = tuple(shelf.came)
        for begin in range(0, len(keys), PIECE):
            piece = keys[begin : begin + PIECE]
            yield "".join(f"{dataset_id},{key.hex()},{shelf.came[key]}\n" for key in piece)


def summary_of(store: Store) -> dict[str, dict[str, object]]:
    """The counts of every dataset, as plain values; amounts are exact, so they are strings."""
    return {
        dataset_id: {
            "requests": shelf.requests,
            "received": shelf.received,
            "stored": shelf.stored,
            "duplicates": shelf.received - shelf.stored,
            "refused_requests": shelf.refused_requests,
            "value": {currency: f"{value:f}" for currency, value in sorted(shelf.value.items())},
            "events": [
                {"event_name": name, "action_source": source, "count": count}
                for (name, source), count in shelf.names().most_common()
            ],
        }
        for dataset_id, shelf in store.shelves().items()
    }

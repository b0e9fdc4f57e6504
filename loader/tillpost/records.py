"""The values that travel between the parts; frozen, and without behaviour of their own."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a request."""

    accepted = "accepted"
    """Meta answered 200 and received every event."""

    refused = "refused"
    """Meta looked at the events and refused the request: nothing of it was stored."""

    returned = "returned"
    """Nothing was stored and the events are not to blame: they may go again."""

    uncertain = "uncertain"
    """No answer: whether it was stored is not known."""


class Fault(StrEnum):
    """Whose fault it is when a request was not accepted; the contract's classes."""

    none = "none"
    temporary = "temporary"
    throttled = "throttled"
    blocked = "blocked"
    token = "token"  # noqa: S105  a class of faults, no secret
    permission = "permission"
    dataset = "dataset"
    event = "event"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Up to 1,000 events of one dataset and one age class that travel in one request.

    The four tuples run in parallel, an element an event. ``sendable_until`` is the soonest
    expiry among them, in epoch seconds.
    """

    number: int
    dataset_id: str
    event_keys: tuple[str, ...]
    sale_keys: tuple[str, ...]
    payload_digests: tuple[str, ...]
    payloads: tuple[str, ...]
    sendable_until: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the edge said to one batch; Meta's words are kept as they came."""

    outcome: Outcome
    fault: Fault = Fault.none
    attempts: int = 1
    received: int | None = None
    http_status: int | None = None
    code: int | None = None
    subcode: int | None = None
    message: str = ""
    fbtrace_id: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EdgeSettings:
    """Where events go and how: the ``edge`` block of a profile's output.

    ``timeout`` is in seconds, ``max_in_flight`` counts requests, ``max_bytes`` a request's body.
    """

    graph_url: str
    version: str
    access_token: str
    app_secret: str = ""
    partner_agent: str = ""
    test_event_code: str = ""
    max_in_flight: int = 8
    batch_size: int = 1000
    max_bytes: int = 8_000_000
    timeout: float = 10.0
    attempts: int = 5

    def __repr__(self) -> str:
        """Without the secrets, so that no log, trace or debugger shows them."""
        return f"EdgeSettings(graph_url={self.graph_url!r}, version={self.version!r}, …)"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who holds the lock, as another run is told; ``started_at`` is in ISO 8601."""

    pid: int
    host: str
    run_id: str
    command: str
    started_at: str

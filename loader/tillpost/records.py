"""The values that travel between the parts; frozen, and without behaviour of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tillpost.events import Events

SANDBOX_TRACE = "sandbox-"
"""How each fbtrace_id of a sandbox begins, and none of Meta's."""


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

    ``sendable_until`` is the last moment at which the request may arrive as it is, in epoch
    seconds; ``is_part`` tells that it was cut out of a refused batch.
    """

    number: int
    dataset_id: str
    events: Events
    sendable_until: int
    is_part: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the edge said to one batch; Meta's words are kept as they came.

    ``is_lost`` tells that an earlier attempt had no answer, so that it may have been stored.
    """

    outcome: Outcome
    fault: Fault = Fault.none
    attempts: int = 1
    is_lost: bool = False
    received: int | None = None
    http_status: int | None = None
    code: int | None = None
    subcode: int | None = None
    message: str = ""
    fbtrace_id: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DatasetSettings:
    """What one dataset has of its own."""

    access_token: str = field(default="", repr=False)
    app_secret: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class EdgeSettings:
    """Where events go and how: the ``edge`` block of a profile's output.

    ``timeout`` is in seconds, ``max_in_flight`` counts requests, ``max_bytes`` a request's body;
    ``max_refused_share`` is the share of refused events at which a run stops. ``datasets`` are
    those with a token of their own.
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
    max_refused_share: float = 0.1
    datasets: Mapping[str, DatasetSettings] = field(default_factory=dict)

    def token_of(self, dataset_id: str) -> str:
        """The access token for a dataset."""
        own = self.datasets.get(dataset_id)
        return own.access_token if own else self.access_token

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

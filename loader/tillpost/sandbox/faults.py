"""Faults on command: which kinds there are, and which of them a request meets.

What a request meets hangs on the seed, on its set of events and on how often this set has come
before, never on what came in between: a failing run repeats, and retries succeed at last.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from math import fsum
from random import Random

from tillpost.errors import UsageError
from tillpost.sandbox.refusals import BROAD, SCHEMA, TIME, VALUE, Kind, RefusedError, place

POISON = "poison"
"""The only fault of events: those that meet it are refused each time that they come."""

STORES = {
    "error": False,
    "error_stored": True,
    "throttled": False,
    "dropped": False,
    "dropped_stored": True,
    "timeout": True,
    "slow": True,
    "html": False,
    "partial": True,
    "warned": True,
}
"""Faults of requests, and whether the events are stored all the same."""

_KINDS = (*STORES, POISON)
_KNOWN = f"one of {', '.join(_KINDS)}; its share from 0 to 1, or a percentage"
_POISONS: tuple[tuple[Kind, int | None], ...] = (
    (SCHEMA, 0),
    (SCHEMA, 1),
    (BROAD, None),
    (TIME, None),
    (VALUE, None),
)
"""How a poisoned event is refused, and how far from it the index points that the words name."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The share of requests, or of events, that meets each kind of fault."""

    seed: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)
    slow_seconds: float = 15.0


NO_FAULTS = Plan()


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A request's fault; the dice decide among its variants."""

    kind: str
    dice: Random

    @property
    def stores(self) -> bool:
        """Whether the events are stored all the same."""
        return STORES[self.kind]


class Faults:
    """A plan under way: what came, and what was played."""

    def __init__(self, plan: Plan = NO_FAULTS) -> None:
        """Begin with this plan."""
        self.begin(plan)

    def begin(self, plan: Plan) -> None:
        """Follow this plan from its start."""
        self.plan = plan
        self.played: Counter[str] = Counter()
        self._came: Counter[bytes] = Counter()

    def end(self) -> None:
        """Play no more; what was played stays known."""
        self.plan = Plan(seed=self.plan.seed, slow_seconds=self.plan.slow_seconds)

    def meet(self, dataset_id: str, keys: Iterable[bytes]) -> Fault | None:
        """What a request with these deduplication keys meets this time."""
        if not self.plan.shares:
            return None
        events = blake2b(b"".join((dataset_id.encode(), *sorted(keys))), digest_size=16).digest()
        dice = Random(f"{self.plan.seed} {events.hex()} {self._came[events]}")  # noqa: S311  it must repeat
        self._came[events] += 1
        point = dice.random()
        for kind in STORES:
            point -= self.plan.shares.get(kind, 0.0)
            if point < 0:
                return Fault(kind=kind, dice=dice)
        return None

    def check(self, keys: Sequence[bytes]) -> None:
        """Refuse a request that holds a poisoned event, as Meta does for a bad one.

        Raises:
            RefusedError: one does.
        """
        if not (share := self.plan.shares.get(POISON)):
            return
        for index, key in enumerate(keys):
            point, number = _numbers(self.plan.seed, key)
            if point < share:
                self.played[POISON] += 1
                kind, distance = _POISONS[number % len(_POISONS)]
                raise RefusedError(kind, _words(index, distance, events=len(keys)))


def plan_of(seed: object, shares: Mapping[str, object], *, slow_seconds: float) -> Plan:
    """The plan that somebody asks for.

    Raises:
        UsageError: it cannot be played.
    """
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise UsageError("the seed of the faults must be a whole number", fix="0, or any other")
    known = {kind: _share(kind, share) for kind, share in shares.items()}
    if (whole := fsum(share for kind, share in known.items() if kind != POISON)) > 1:
        why = f"a request meets one fault at most, and these shares add up to {whole:.4g}"
        raise UsageError("there are more faults than requests", why=why, fix="smaller shares")
    return Plan(seed=seed, shares=known, slow_seconds=slow_seconds)


def shares_of(texts: Iterable[str]) -> dict[str, object]:
    """Shares from words such as ``error=0.1`` and ``poison=2%``, each still to be judged."""
    pairs = (text.partition("=") for text in texts)
    return {kind.strip(): _number_of(share.strip()) for kind, _, share in pairs}


def _number_of(text: str) -> float | None:
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


def _share(kind: str, share: object) -> float:
    if kind not in _KINDS:
        raise UsageError(f"the sandbox knows no fault {kind!r}", fix=_KNOWN)
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
        raise UsageError(f"the share of the fault {kind} is no number from 0 to 1", fix=_KNOWN)
    return float(share)


def _numbers(seed: int, key: bytes) -> tuple[float, int]:
    """A point from 0 to 1 and a number, both the event's own."""
    digest = blake2b(f"{seed} ".encode() + key, digest_size=16).digest()
    return int.from_bytes(digest[:8]) / 2**64, int.from_bytes(digest[8:])


def _words(index: int, distance: int | None, *, events: int) -> str:
    if distance is None:
        return "Invalid parameter"
    named = (index + distance) % max(events, 2)
    return f"Param {place('data', named, 'custom_data')} is not valid"

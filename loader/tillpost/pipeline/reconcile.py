"""Whether Meta got it all: its own counts of each upload beside the ledger's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tillpost.edge import Edge, Read
from tillpost.errors import EdgeUnreachable, NotAllowed, TillpostError
from tillpost.ledger.uploads import Upload
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.workspace import Listen, Progress, Workspace
from tillpost.project.edge_block import edge_settings
from tillpost.records import Fault

COUNTING_SECONDS = 24 * 3600
"""How long Meta may take to count an upload: what is missing in the meantime is no difference."""
GOOD_QUALITY = 8.5
"""The composite from which on Meta takes offline events for omnichannel ads."""
_COUNTS = ("valid_entries", "matched_entries", "duplicate_entries")


class Kind(StrEnum):
    """What Meta's counts can say against the ledger's."""

    agrees = "agrees"
    not_yet = "not counted yet"
    fewer = "fewer at Meta"
    arrived = "unanswered ones arrived"
    more = "more at Meta"
    unread = "cannot be read"

    @property
    def is_difference(self) -> bool:
        """Whether somebody must look."""
        return self in (Kind.fewer, Kind.arrived, Kind.more)


@dataclass(frozen=True, kw_only=True)
class Entries:
    """What Meta counted under an upload tag."""

    valid: int
    matched: int
    duplicate: int


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One upload on both sides; ``events`` is by how many they differ."""

    upload: Upload
    meta: Entries | None
    kind: Kind
    events: int = 0


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How good Meta finds one event name's events: scores of 0 to 10, None where it tells none."""

    dataset_id: str
    event_name: str
    composite: float | None
    frequency: float | None
    freshness: float | None
    coverage: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """All that was compared; ``unread`` says of a dataset why its counts cannot be read."""

    as_of: float
    since: float
    compared: tuple[Compared, ...]
    qualities: tuple[Quality, ...]
    unread: Mapping[str, str]

    @property
    def differences(self) -> tuple[Compared, ...]:
        """What somebody must look at."""
        return tuple(each for each in self.compared if each.kind.is_difference)


def reconcile(
    workspace: Workspace, *, days: float, run_id: str | None, listen: Listen
) -> Reconciliation:
    """Read Meta's counts of what left in the last days, or in one run, and compare.

    Raises:
        EdgeUnreachable: nothing answers.
        NotAllowed: the token is not valid; one that may send and not read is told of instead.
    """
    now = workspace.options.now.timestamp()
    since = now - days * 86_400
    place = ledger_place(workspace)
    uploads: tuple[Upload, ...] = ()
    if place.exists():
        with place.open(clock=lambda: now) as ledger:
            uploads = ledger.uploads(since=0.0 if run_id else since)
    uploads = tuple(each for each in uploads if run_id in (None, each.run_id))
    unread: dict[str, str] = {}
    with Edge(edge_settings(workspace.profile)) as edge:
        compared = tuple(_compared(edge, uploads, unread=unread, now=now, listen=listen))
        datasets = sorted({each.dataset_id for each in uploads} - unread.keys())
        qualities = [each for name in datasets for each in _qualities(edge, name)]
    return Reconciliation(
        as_of=now,
        since=min((each.first_at for each in uploads), default=since) if run_id else since,
        compared=compared,
        qualities=tuple(qualities),
        unread=unread,
    )


def _compared(
    edge: Edge, uploads: tuple[Upload, ...], *, unread: dict[str, str], now: float, listen: Listen
) -> Iterator[Compared]:
    for number, upload in enumerate(uploads, 1):
        listen(Progress(stage="read", name=upload.run_id, done=number, total=len(uploads)))
        if upload.dataset_id not in unread:
            read = edge.uploads(upload.dataset_id, upload.run_id)
            if read.ok:
                yield compare(upload, _entries(read), now=now)
                continue
            unread[upload.dataset_id] = _reason(read)
        yield Compared(upload=upload, meta=None, kind=Kind.unread)


def compare(upload: Upload, meta: Entries, *, now: float) -> Compared:
    """What Meta's counts say against the ledger's.

    Whether its valid entries hold the duplicates is not documented: both ways of counting are
    tried, and only what fits neither is a difference.
    """
    accepted = upload.accepted
    known, most = accepted + upload.settled, accepted + upload.settled + upload.unanswered
    least, all_valid = meta.valid - meta.duplicate, meta.valid
    fitting = [count for count in (least, all_valid) if accepted <= count <= most]
    if fitting:
        beyond = max(min(fitting) - known, 0)
        kind, events = (Kind.arrived, beyond) if beyond else (Kind.agrees, 0)
    elif all_valid < accepted:
        is_recent = now - upload.last_at < COUNTING_SECONDS
        kind, events = (Kind.not_yet if is_recent else Kind.fewer), accepted - all_valid
    elif least > most:
        kind, events = Kind.more, least - most
    else:
        kind, events = Kind.agrees, 0
    return Compared(upload=upload, meta=meta, kind=kind, events=events)


def _reason(read: Read) -> str:
    """Why a dataset's counts cannot be read; what keeps everything from being read is raised."""
    answer = read.answer
    if answer.fault is Fault.permission:
        return "this token may send but not read"
    why = answer.message or f"the edge answers {answer.http_status}"
    if answer.fault is Fault.token:
        raise NotAllowed("the edge refuses the token", why=why, fix="a new one from Events Manager")
    if answer.fault in (Fault.temporary, Fault.throttled, Fault.blocked):
        raise EdgeUnreachable("the edge does not answer", why=why, fix="try again later")
    return why


def _entries(read: Read) -> Entries:
    """The sums over the rows of a tag; without a row Meta knows nothing of it."""
    rows = _rows(read.values.get("data"))
    valid, matched, duplicate = (
        sum(int(_number(row.get(name)) or 0) for row in rows) for name in _COUNTS
    )
    return Entries(valid=valid, matched=matched, duplicate=duplicate)


def _qualities(edge: Edge, dataset_id: str) -> Iterator[Quality]:
    try:
        read = edge.quality(dataset_id)
    except TillpostError:
        return  # it is worth knowing, and nothing hangs on it
    for row in _rows(read.values.get("offline")):
        yield Quality(
            dataset_id=dataset_id,
            event_name=str(row.get("event_name", "")),
            composite=_score(row.get("composite")),
            frequency=_score(row.get("frequency")),
            freshness=_score(row.get("freshness")),
            coverage=dict(_coverage(_rows(row.get("match_key")))),
        )


def _coverage(rows: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, float]]:
    for row in rows:
        given = row.get("coverage")
        share = _number(given.get("percentage")) if isinstance(given, dict) else None
        if share is not None:
            yield str(row.get("identifier", "")), share


def _score(value: object) -> float | None:
    """A score as a number, or under one of the names that Meta's documents give to it."""
    if isinstance(value, dict):
        found = (_number(value.get(name)) for name in ("score", "composite_score", "value"))
        return next((each for each in found if each is not None), None)
    return _number(value)


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) else None


def _rows(value: object) -> list[Mapping[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

"""Whether Meta got it all: its own counts of each upload beside the ledger's."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum

from tillpost.edge import Edge
from tillpost.errors import EdgeUnreachable, NotAllowed, TillpostError, UsageError
from tillpost.ledger.uploads import Upload
from tillpost.pipeline.ledgers import ledger_place, owner_of
from tillpost.pipeline.meta_counts import Entries, Quality, entries_of, qualities_of
from tillpost.pipeline.workspace import Listen, Progress, Workspace
from tillpost.project.edge_block import edge_settings
from tillpost.records import Answer, EdgeSettings, Fault

COUNTING_SECONDS = 24 * 3600
"""How long Meta may take to count an upload: what is missing in the meantime is no difference."""


class Kind(StrEnum):
    """What Meta's counts can say against the ledger's."""

    agrees = "agrees"
    not_yet = "not counted yet"
    unknown = "unknown to Meta"
    fewer = "fewer at Meta"
    arrived = "unanswered ones arrived"
    more = "more at Meta"
    twice = "sent by others too"
    unread = "cannot be read"

    @property
    def is_difference(self) -> bool:
        """Whether somebody must look."""
        return self not in (Kind.agrees, Kind.not_yet, Kind.unread)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One upload on both sides; ``events`` is by how many they differ."""

    upload: Upload
    meta: Entries | None
    kind: Kind
    events: int = 0


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """All that was compared; ``unread`` says of a dataset why its counts cannot be read.

    ``unrated`` says the same of its quality.
    """

    as_of: float
    since: float
    compared: tuple[Compared, ...]
    qualities: tuple[Quality, ...]
    unread: Mapping[str, str]
    unrated: Mapping[str, str]

    @property
    def differences(self) -> tuple[Compared, ...]:
        """What somebody must look at."""
        return tuple(each for each in self.compared if each.kind.is_difference)


def reconcile(
    workspace: Workspace, *, days: float, run_id: str | None, listen: Listen
) -> Reconciliation:
    """Read Meta's counts of what left in the last days, or under one upload tag, and compare.

    Raises:
        EdgeUnreachable: nothing answers.
        Locked: a run holds the ledger.
        NotAllowed: no token is valid; one that may send and not read is told of instead.
        UsageError: neither side knows the upload tag.
    """
    now = workspace.options.now.timestamp()
    since = now - days * 86_400
    settings = edge_settings(workspace.profile)
    uploads = _uploads(workspace, settings, since=since, run_id=run_id)
    with Edge(settings) as edge:
        side = _MetaSide(edge=edge, most=settings.max_in_flight, now=now, listen=listen)
        compared = side.compared(uploads)
        if run_id and not side.unread and not any(map(_is_something, compared)):
            raise UsageError(
                f'neither the ledger nor Meta knows the upload tag "{run_id}"',
                fix="a run's id, as tillpost status lists them",
            )
        datasets = sorted({each.dataset_id for each in uploads} - side.unread.keys())
        qualities = tuple(each for name in datasets for each in side.qualities(name))
    return Reconciliation(
        as_of=now,
        since=min((each.first_at for each in uploads), default=since) if run_id else since,
        compared=tuple(filter(_is_something, compared)),
        qualities=qualities,
        unread={name: error.what for name, error in side.unread.items()},
        unrated={name: error.what for name, error in side.unrated.items()},
    )


def _uploads(
    workspace: Workspace, settings: EdgeSettings, *, since: float, run_id: str | None
) -> tuple[Upload, ...]:
    """The ledger's side; a tag that it does not know is asked for in every dataset."""
    place = ledger_place(workspace)
    now = workspace.options.now.timestamp()
    if not place.exists():
        return ()
    # No run starts while it is read: a ledger in a file is opened by one at a time.
    with (
        place.lock(owner=owner_of(workspace, "reconcile"), wait=0),
        place.open(clock=lambda: now) as ledger,
    ):
        uploads = ledger.uploads(since=0.0 if run_id else since)
        datasets = sorted({*ledger.datasets(), *settings.datasets})
    if run_id is None:
        return uploads
    known = tuple(each for each in uploads if each.run_id == run_id)
    return known or tuple(Upload(run_id, name, now, now) for name in datasets)


def _is_something(compared: Compared) -> bool:
    """Whether either side has any event of it, or may have."""
    upload, meta = compared.upload, compared.meta
    return bool(upload.left or meta is None or meta.valid or meta.duplicate)


@dataclass(kw_only=True)
class _MetaSide:
    """Meta's counts, read by several threads; a dataset that cannot be read is asked once."""

    edge: Edge
    most: int
    now: float
    listen: Listen
    unread: dict[str, TillpostError] = field(default_factory=dict)
    unrated: dict[str, TillpostError] = field(default_factory=dict)

    def compared(self, uploads: tuple[Upload, ...]) -> list[Compared]:
        """Each upload on both sides.

        Raises:
            TillpostError: nothing could be read, for another reason than a missing right.
        """
        found: list[Compared] = []
        with ThreadPoolExecutor(self.most, thread_name_prefix="read") as pool:
            for each in pool.map(self._compare, uploads):
                found.append(each)
                name, total = each.upload.run_id, len(uploads)
                self.listen(Progress(stage="read", name=name, done=len(found), total=total))
        if not any(each.meta for each in found):
            for error in self.unread.values():
                if isinstance(error, EdgeUnreachable | NotAllowed):
                    raise error
        return found

    def qualities(self, dataset_id: str) -> Iterator[Quality]:
        """The scores of a dataset: worth knowing, and nothing hangs on them."""
        read = self.edge.quality(dataset_id)
        if read.ok:
            yield from qualities_of(dataset_id, read)
        else:
            self.unrated[dataset_id] = _error(read.answer)

    def _compare(self, upload: Upload) -> Compared:
        meta = None if upload.dataset_id in self.unread else self._entries(upload)
        if meta is None:
            return Compared(upload=upload, meta=None, kind=Kind.unread)
        return compare(upload, meta, now=self.now)

    def _entries(self, upload: Upload) -> Entries | None:
        try:
            read = self.edge.uploads(upload.dataset_id, upload.run_id)
        except NotAllowed as error:
            self.unread[upload.dataset_id] = error
            return None
        if not read.ok:
            self.unread[upload.dataset_id] = _error(read.answer)
            return None
        return entries_of(read)


def compare(upload: Upload, meta: Entries, *, now: float) -> Compared:
    """What Meta's counts say against the ledger's.

    Whether its valid entries hold the duplicates is not documented, nor whether they hold them
    twice: each way of counting is tried, and only what fits none is a difference.
    """
    accepted = upload.accepted
    known, most = accepted + upload.settled, accepted + upload.settled + upload.unanswered
    ways = (meta.valid - meta.duplicate, meta.valid, meta.valid + meta.duplicate)
    fitting = [count for count in ways if accepted <= count <= most]
    kind, events = Kind.agrees, 0
    if fitting:
        beyond, strange = max(min(fitting) - known, 0), meta.duplicate - upload.again
        if beyond:
            kind, events = Kind.arrived, beyond
        elif strange > 0:
            kind, events = Kind.twice, strange
    elif ways[-1] < accepted:
        is_recent = now - upload.last_at < COUNTING_SECONDS
        late = Kind.fewer if meta.is_known else Kind.unknown
        kind, events = (Kind.not_yet if is_recent else late), accepted - ways[-1]
    elif ways[0] > most:
        kind, events = Kind.more, ways[0] - most
    return Compared(upload=upload, meta=meta, kind=kind, events=events)


def _error(answer: Answer) -> TillpostError:
    """Why a read gave nothing, in words that can also be told of one dataset among several."""
    why = answer.message or f"the edge answers {answer.http_status}"
    if answer.fault is Fault.permission:
        return TillpostError("this token may send but not read")
    if answer.fault is Fault.token:
        fix = "a new one from Events Manager"
        return NotAllowed("the edge refuses the token", why=why, fix=fix)
    if not answer.attempts or answer.fault in (Fault.temporary, Fault.throttled, Fault.blocked):
        return EdgeUnreachable("the edge does not answer", why=why, fix="try again later")
    return TillpostError(why)

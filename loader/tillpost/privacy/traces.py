"""What a column carries: where personal data came from, and what it has been through since."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain

from tillpost.errors import Place


class Stage(StrEnum):
    """How far personal data is on its way to being none."""

    __hash__ = str.__hash__  # each trace is asked for it again and again, and Enum's own is slow

    RAW = "raw"
    NORMALIZED = "normalized"
    PLACED = "placed"
    HASHED = "hashed"
    DIGESTED = "digested"
    KEYED = "keyed"
    ANSWERED = "answered"


CLEARED = frozenset({Stage.HASHED, Stage.DIGESTED, Stage.KEYED, Stage.ANSWERED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """A column of a source that is tagged as personal."""

    source: str
    column: str
    kind: str

    @property
    def is_tagged(self) -> bool:
        """Whether there is such a column: a form of nothing personal has none."""
        return bool(self.source)

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.source}.{self.column} (pii: {self.kind})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """A model's column on the way of personal data."""

    column: str
    place: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What was done to personal data on its way."""

    words: str
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """One tagged column in the value of another.

    Args:
        origin: the tagged column.
        stage: what it is by now.
        by: the normaliser that it went through last.
        hash: the intrinsic that hashed it.
        key: the keys of the payload that it stands under, with dots.
        is_exact: whether it is null where the source is, and says nothing else by that.
        is_whole: whether it is still a text of its kind: no answer about it, no piece of it.
        path: the models' columns that it passed, newest first.
        notes: what happened to it that a message should tell, oldest first.
    """

    origin: Origin
    stage: Stage = Stage.RAW
    by: str = ""
    hash: str = ""
    key: str = ""
    is_exact: bool = True
    is_whole: bool = True
    path: tuple[Passed, ...] = field(default=(), compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)

    @property
    def is_cleared(self) -> bool:
        """Whether it may be stored anywhere."""
        return self.stage in CLEARED or not self.origin.is_tagged

    @property
    def route(self) -> str:
        """The columns that it passed, newest first, and where it came from."""
        return " ← ".join([*(each.column for each in self.path), str(self.origin)])

    def noted(self, words: str, place: Place) -> "Trace":
        """The same, with words for a message."""
        return replace(self, notes=(*self.notes, Note(words=words, place=place)))


Traces = tuple[Trace, ...]


def merged(*groups: Iterable[Trace]) -> Traces:
    """All of them, each once, in a fixed order."""
    filled = [group for group in groups if group]
    if not filled:
        return ()
    if len(filled) == 1 and isinstance(filled[0], tuple):
        return filled[0]  # which was merged before
    return tuple(dict.fromkeys(chain.from_iterable(filled)))


def uncleared(traces: Traces) -> Traces:
    """What may not go just anywhere."""
    return tuple(trace for trace in traces if not trace.is_cleared)


def origins(traces: Traces) -> frozenset[Origin]:
    """The tagged columns among them."""
    return frozenset(trace.origin for trace in traces if trace.origin.is_tagged)


def changed(traces: Traces, words: str, place: Place, *, is_whole: bool = False) -> Traces:
    """What is left of them in a value computed from them: whatever a normaliser did is undone."""
    return merged(_changed(trace, words, place, is_whole=is_whole) for trace in traces)


def _changed(trace: Trace, words: str, place: Place, *, is_whole: bool) -> Trace:
    if trace.is_cleared:
        key = trace.key if is_whole else ""
        is_new = trace.is_whole or trace.key != key
        return replace(trace, key=key, is_whole=False) if is_new else trace
    # After a normaliser nothing may touch a text but its hash.
    is_whole = is_whole and trace.is_whole and trace.stage is Stage.RAW
    if trace.stage is not Stage.RAW or (trace.is_whole and not is_whole):
        trace = trace.noted(words, place)
    return replace(trace, stage=Stage.RAW, by="", key="", is_exact=False, is_whole=is_whole)


def exact(traces: Traces) -> Traces:
    """Those of which null says no more than that there is nothing."""
    return tuple(each for each in traces if each.is_cleared or (each.is_exact and each.is_whole))


def answered(traces: Traces) -> Traces:
    """Of these only a word from a closed list is left."""
    return merged(replace(trace, stage=Stage.ANSWERED, by="", hash="", key="") for trace in traces)

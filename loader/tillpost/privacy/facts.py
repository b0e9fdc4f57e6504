"""What the proof is about, and what it finds: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from tillpost.errors import Place
from tillpost.privacy.places import place_of
from tillpost.privacy.rules import Rules
from tillpost.privacy.scopes import Filter
from tillpost.privacy.traces import Passed


@dataclass(frozen=True, kw_only=True)
class Query:
    """A model as a tree, intrinsics opaque; parents come before those that read them.

    ``plain_lines`` are the lines of its file that the SQL has unchanged.
    """

    name: str
    path: str
    relation: str
    tree: exp.Expr
    is_stored: bool
    leaves: bool = False
    plain_lines: frozenset[int] = frozenset()

    def place(self, node: exp.Expr) -> Place:
        """Where a part of the tree stands in the model's file."""
        return place_of(node, path=self.path, plain_lines=self.plain_lines)


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A source as models read it: a dotted name or a call, and the kinds of its tagged columns."""

    name: str
    relation: str
    kinds: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Everything that a proof is about."""

    queries: tuple[Query, ...]
    sources: tuple[Raw, ...]
    seeds: Mapping[str, tuple[str, ...]]
    rules: Rules
    trusted_base: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """What one tagged column becomes in one place that is stored or leaves.

    Args:
        relation: the model that is stored or leaves.
        column: its column.
        key: the keys of the payload that it stands under, with dots.
        source: the tagged column, with its source's name.
        kind: the kind of personal data.
        stage: hashed, digested, keyed (digested with the project's key), or placed in clear where
            Meta wants it so.
        normalizer: the intrinsic that normalised it.
        hash: the intrinsic that hashed it.
        path: the columns that it passed, newest first.
    """

    relation: str
    column: str
    key: str
    source: str
    kind: str
    stage: str
    normalizer: str
    hash: str
    path: tuple[Passed, ...]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much was looked at."""

    models: int
    stored: int
    columns: int
    sources: int
    tagged: int
    intrinsics: int


@dataclass(frozen=True, kw_only=True)
class Proof:
    """That no personal data is stored or leaves but hashed, digested or where Meta wants it.

    Args:
        payload: what reaches the payload of the events, by its key.
        stored: what is stored elsewhere.
        filters: each `where` that looks at tagged columns.
        trusted_base: digest of the intrinsics' texts and of what is declared of them.
        counts: how much was looked at.
    """

    payload: tuple[Field, ...]
    stored: tuple[Field, ...]
    filters: tuple[Filter, ...]
    trusted_base: str
    counts: Counts

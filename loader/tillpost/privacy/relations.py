"""What a query returns, as far as the proof cares: columns and what they carry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from tillpost.errors import Place
from tillpost.privacy.traces import Traces, merged


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A named column; names are in lower case, as engines compare them."""

    name: str
    traces: Traces = ()
    place: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """A filter: where it stands, and the tagged columns that it looks at."""

    place: str
    traces: Traces


Filters = tuple[Looked, ...]


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A table, a file, a model or a part of a query.

    Args:
        columns: those that are known, in their order.
        is_open: whether there are others, as in a raw file; they are not tagged.
        is_unknown: whether it was told of already that there is no such relation: what is missing
            in it is no news.
        rest: what those others carry.
        is_seed: whether it holds reference data only.
        grouped: what decides how many rows there are (group by, distinct).
        filtered: the filters that its rows passed.
    """

    columns: tuple[Column, ...]
    is_open: bool = False
    is_unknown: bool = False
    rest: Traces = ()
    is_seed: bool = False
    grouped: Traces = ()
    filtered: Filters = ()

    def column(self, name: str) -> Traces | None:
        """What a column carries; nothing where there is no such column."""
        return self._by_name.get(name, self.rest if self.is_open else None)

    def has(self, name: str) -> bool:
        """Whether it has a column for certain."""
        return name in self._by_name

    @cached_property
    def _by_name(self) -> dict[str, Traces]:
        found: dict[str, Traces] = {}
        for each in self.columns:
            found[each.name] = merged(found.get(each.name, ()), each.traces)
        return found

    def tagged(self, traces: Traces) -> "Relation":
        """The same, each column of it with these as well."""
        if not traces:
            return self
        columns = (replace(each, traces=merged(each.traces, traces)) for each in self.columns)
        return replace(self, columns=tuple(columns), rest=merged(self.rest, traces))

    def renamed(self, names: Iterable[str]) -> "Relation":
        """With the names of `as t(a, b)` for its first columns."""
        given = list(names)
        kept = self.columns[len(given) :]
        return replace(self, columns=(*_named(self.columns, given), *kept))

    def beyond(self, known: Filters) -> Traces:
        """What its filters looked at, but for those that were passed outside of it as well."""
        return merged(*(each.traces for each in self.filtered if each not in known))

    @property
    def everything(self) -> Traces:
        """What any of its columns carries."""
        return merged(self.rest, *(column.traces for column in self.columns))


def _named(columns: Iterable[Column], names: list[str]) -> Iterator[Column]:
    for column, name in zip(columns, names, strict=False):
        yield replace(column, name=name)


def both(*groups: Filters) -> Filters:
    """The filters of several, each once."""
    return tuple(dict.fromkeys(each for group in groups for each in group))

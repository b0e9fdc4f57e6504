"""What a read of the edge gave, and lists that come in pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tillpost.records import Answer

_MOST_PAGES = 1000

Fields = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a read gave: ``values`` where it is ok, else ``answer`` says why not."""

    ok: bool
    values: Mapping[str, object]
    answer: Answer


def all_pages(ask: Callable[[Fields], Read]) -> Read:
    """A whole list, whose pages are asked for by cursor.

    Meta's link to the next page holds the token, so it is never followed.

    Args:
        ask: reads one page, told what to ask for besides.
    """
    rows: list[Mapping[str, object]] = []
    cursors = [""]
    while (read := ask({"after": cursors[-1]} if cursors[-1] else {})).ok:
        rows += rows_of(read.values.get("data"))
        paging = read.values.get("paging")
        if not isinstance(paging, dict) or not paging.get("next"):
            return replace(read, values={"data": rows})
        cursor = _after(paging.get("cursors"))
        if cursor in cursors or len(cursors) == _MOST_PAGES:
            words = "the edge does not give the whole list"
            return replace(read, ok=False, values={}, answer=replace(read.answer, message=words))
        cursors.append(cursor)
    return read


def rows_of(value: object) -> list[Mapping[str, object]]:
    """The objects of a list, where it is one."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _after(cursors: object) -> str:
    """The cursor behind a page; empty where there is none."""
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else ""

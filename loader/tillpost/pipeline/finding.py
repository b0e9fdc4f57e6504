"""Reading an order's rows where they stand: in the files that it came from, or anywhere."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path

from tillpost.pipeline.asking import Asked, RowName, row_name, source_condition
from tillpost.pipeline.built import Built, Record, literal
from tillpost.pipeline.lost import drop_of
from tillpost.pipeline.model_texts import OURS, ModelTexts
from tillpost.pipeline.source_rows import SourceWay, first_droppers
from tillpost.pipeline.stories import Drop
from tillpost.pipeline.tracing import compares_rows, ways

MOST_FILES = 20
QUICK_BYTES = 16_000_000
"""What is read without being asked to: it takes less than a tenth of a second."""
_QUOTED = re.compile(r"'([^']+)'")
_PIECE = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, kw_only=True)
class SourceRows:
    """Rows by their row ref, with the way that each comes.

    ``unread`` are those in no table; ``skipped`` are sources that take too long to look into.

    ``records`` hold the customer as the source writes it: not to be shown.
    """

    records: dict[str, Record] = field(default_factory=dict)
    ways: dict[str, SourceWay] = field(default_factory=dict)
    unread: dict[str, Drop] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def read_rows(built: Built, texts: ModelTexts, asked: Asked, lines: Sequence[Record]) -> SourceRows:
    """The rows of an order from the sources.

    Those that the build knows are read from their files alone. Where it knows none, or when asked
    to, every source is read.
    """
    files = dict.fromkeys(each["source_file"] or each["source_name"] for each in lines)
    skipped = () if asked.is_full or asked.everywhere else files
    found = SourceRows(skipped=tuple(each for each in skipped if not _is_quick(each)))
    known = {each["row_ref"] for each in lines}
    is_deep = asked.everywhere or not lines
    if not is_deep and len(found.skipped) == len(files):
        return found
    for way in _ways(built, texts, asked, lines, is_deep=is_deep):
        records = {each["row_ref"]: each for each in way.rows()}
        found.records.update(records)
        found.ways.update(dict.fromkeys(records, way))
        unread = records.keys() - known
        for part, refs in _by_file(way, records, unread):
            drops = dict(_drops(texts, part, refs))
            found.unread.update(drops)
            _count(found.counts, way.models, drops)
    if not is_deep or known or found.records:
        return found
    return SourceRows(unreadable=tuple(_unreadable(built, asked)))


def _by_file(
    way: SourceWay, records: Mapping[str, Record], refs: set[str]
) -> Iterator[tuple[SourceWay, set[str]]]:
    """The same way over the files alone that some rows are in."""
    files: dict[str | None, set[str]] = {}
    for ref in refs:
        files.setdefault(records[ref]["source_file"], set()).add(ref)
    for file, its in files.items():
        yield replace(way, file=file), its


def _count(counts: dict[str, int], models: Sequence[str], drops: Mapping[str, Drop]) -> None:
    """Count the rows that each model on the way has: those that none up to it drops."""
    for drop in drops.values():
        end = len(models) if drop.why else models.index(drop.model)
        for place, name in enumerate(models):
            counts[name] = counts.get(name, 0) + (place < end)


def _drops(texts: ModelTexts, way: SourceWay, refs: set[str]) -> Iterator[tuple[str, Drop]]:
    for ref, condition in first_droppers(way, refs):
        yield ref, drop_of(condition) if condition else _later(texts, way)


def _later(texts: ModelTexts, way: SourceWay) -> Drop:
    """No condition keeps a row, and still the build has none."""
    comparing = [name for name in way.models if compares_rows(texts.tree(name))]
    model = comparing[0] if comparing else way.models[-1]
    why = "it came, or a model was changed, after the build: tillpost build"
    if comparing:
        why = f"{model} compares it with other rows, or {why}"
    return Drop(model=model, path=texts.path(model), why=why)


def _ways(
    built: Built, texts: ModelTexts, asked: Asked, lines: Sequence[Record], *, is_deep: bool
) -> Iterator[SourceWay]:
    """The ways to read, each over a file or over all of a source."""
    heads = {
        way[0]: way[: 1 + next(n for n, name in enumerate(way) if texts.is_table(name))]
        for way in ways("int_verdicts", texts)
    }
    name = row_name(asked.row, list(built.workspace.project.sources)) if asked.row else None
    for head, models in heads.items():
        sources = {each for each in texts.model(head).sources if not each.startswith(OURS)}
        for file, condition in _places(built, asked, lines, name, sources, is_deep=is_deep):
            if sources and condition:
                yield SourceWay(
                    built=built, texts=texts, models=models, condition=condition, file=file
                )


def _places(  # noqa: PLR0913  what is asked for and what is known of it, each by name
    built: Built,
    asked: Asked,
    lines: Sequence[Record],
    name: RowName | None,
    sources: set[str],
    *,
    is_deep: bool,
) -> Iterator[tuple[str | None, str]]:
    """The files of a source, and the condition that a row there is meant; none means all files."""
    own = [each for each in lines if each["source_name"] in sources]
    orders = list(dict.fromkeys(each["order_id"] for each in lines if each["order_id"]))
    if own and not (asked.everywhere and orders):
        files = dict.fromkeys(each["source_file"] for each in own)
        for file in [each for each in files if asked.is_full or _is_quick(each)][:MOST_FILES]:
            yield file, _condition(built, [each for each in own if each["source_file"] == file])
    elif not is_deep:
        return
    elif lines:
        # The row of a file says nothing of other files: there only an order id does.
        yield None, _of_order(built, orders) if orders else ""
    elif name is None:
        yield None, _of_order(built, asked.order_ids) if asked.order_id else ""
    elif name.source_name in sources or _is_read_by(built, name.file, sources):
        yield name.file, source_condition(built, name)


def _is_read_by(built: Built, file: str | None, sources: set[str]) -> bool:
    """Whether one of these sources reads a file of this name."""
    locations = (built.workspace.project.sources[each].location for each in sources)
    patterns = (_QUOTED.search(each) for each in locations)
    return any(found and fnmatch(file or "", found[1]) for found in patterns)


def _is_quick(file: str | None) -> bool:
    """Whether a file is small; how long a table of a database takes is not known."""
    path = Path(file or "")
    return path.is_file() and path.stat().st_size <= QUICK_BYTES


def _condition(built: Built, lines: Sequence[Record]) -> str:
    """That a row is one of these, or of the same orders."""
    orders = list(dict.fromkeys(each["order_id"] for each in lines if each["order_id"]))
    conditions = [_of_order(built, orders)] if orders else []
    sources = list(built.workspace.project.sources)
    conditions += [
        source_condition(built, row_name(each["row_ref"], sources))
        for each in lines
        if not each["order_id"]
    ]
    return " or ".join(f"({each})" for each in conditions)


def _of_order(built: Built, orders: Sequence[str]) -> str:
    cleaned = built.macro("clean_text('cast(order_id as varchar)')")
    wanted = (built.macro(f"clean_text({literal(each)!r})") for each in orders)
    return f"{cleaned} in ({', '.join(wanted)})"


def _unreadable(built: Built, asked: Asked) -> Iterator[str]:
    """Lines that do not parse and hold all parts of the order id: they may be its."""
    parts = [part.encode() for part in _PIECE.findall(asked.order_id)]
    wanted: dict[str, set[int]] = {}
    for each in built.unreadable():
        wanted.setdefault(each["source_file"], set()).add(each["line"])
    for file, numbers in wanted.items() if parts else ():
        with Path(file).open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if number in numbers and all(part in line for part in parts):
                    yield f"{file}:{number}"

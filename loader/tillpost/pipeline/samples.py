"""What stands in columns that no tag calls personal: a look at some rows, in the engine.

Only what is hardly ever anything else counts: a false alarm is worse than none. An order number of
eleven digits could be a phone, and is not told from one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tillpost.compiler import Manifest, source_relation
from tillpost.engines import Engine, Row
from tillpost.pipeline.lookalikes import OURS, Lookalike, is_silent, named, untagged
from tillpost.pipeline.workspace import Workspace
from tillpost.project.sources import Source

ROWS = 2000
"""Rows of a source, and baskets, that are looked at."""
BASKETS = "int_judged_baskets"
_WHERE = "look-alikes of personal data"
_HEX_VALUES = 16**4


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a kind looks like, and how many values must look so to be told of.

    ``least`` counts different values: a shop's own address stands in every row.
    """

    kind: str
    pattern: str
    share: float
    least: int


_CARD = (
    "4[0-9]{12}([0-9]{3}){0,2}|5[1-5][0-9]{14}|2(22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)"
    "[0-9]{12}|3[47][0-9]{13}|3(0[0-5]|[68][0-9])[0-9]{11}|35(2[89]|[3-8][0-9])[0-9]{12}"
    "|6(011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}|62[0-9]{14,17}"
)
SHAPES = (
    Shape(kind="email", pattern="[^@ ]@[^@ ]+[.][A-Za-z]{2,}", share=0.01, least=3),
    # International, or with its area in brackets.
    Shape(
        kind="phone",
        pattern="^([+] ?[(]?[1-9][0-9 ()./-]{6,20}[0-9]|[(]0?[1-9][0-9]{1,4}[)][0-9 /-]{4,})$",
        share=0.2,
        least=3,
    ),
    Shape(kind="card", pattern=f"^({_CARD})$", share=0.1, least=20),
)
_LUHN_SHARE = 0.9
_LONGEST_CARD = 19


def lookalikes(workspace: Workspace, engine: Engine, manifest: Manifest) -> tuple[Lookalike, ...]:
    """Every column of a source, and every order id built of them, that looks personal.

    What a source says to be impersonal is silent.
    """
    sources = workspace.project.sources
    raw = [name for name in sorted(manifest.sources) if not name.startswith(OURS)]
    columns = {
        name: engine.columns(
            source_relation(sources[name], schema=engine.schema), where=f"{_WHERE}: {name}"
        )
        for name in raw
    }
    read = untagged(workspace, manifest, columns)
    by_name = named(workspace.project, read)
    by_content = [
        each
        for name, names in read.items()
        for each in _in_source(workspace, engine, sources[name], names)
    ]
    known = {(each.source, each.column.lower(), each.kind) for each in by_content}
    by_content += [
        each
        for each in _in_orders(workspace, engine)
        if (each.source, each.column, each.kind) not in known and each.source in sources
    ]
    seen = {(each.source, each.column) for each in by_content}
    found = [*by_content, *(each for each in by_name if (each.source, each.column) not in seen)]
    told = [each for each in found if not is_silent(sources[each.source], each.column)]
    return tuple(sorted(told, key=lambda each: (each.source, each.column, each.kind)))


def _in_source(
    workspace: Workspace, engine: Engine, source: Source, columns: Sequence[str]
) -> Iterator[Lookalike]:
    """Look at the first rows of the newest file, or of the table."""
    if not columns:
        return
    location = source_relation(source, schema=engine.schema)
    newest = _newest_file(workspace, engine, source)
    values = ", ".join(f"{_text(name)} as c{at}" for at, name in enumerate(columns))
    rows = f"select {values} from {location}{newest} limit {ROWS}"
    for at, kind, many, sampled in _counted(workspace, engine, rows, len(columns)):
        yield Lookalike(
            source=source.full_name, column=columns[at], kind=kind, rows=many, sampled=sampled
        )


def _newest_file(workspace: Workspace, engine: Engine, source: Source) -> str:
    """The condition that a row is of the newest file, where there are files."""
    if not source.is_csv or "filename = true" not in source.location:
        return ""
    _, rows = _ask(
        workspace,
        engine,
        f"select max(source_file) as newest from {workspace.relation('source_files')}"
        f" where source_name = '{source.full_name}' and readable_rows > 0",
    )
    # By its value: where it stands in a subquery, DuckDB 2.0 reads on past the limit.
    file = str(rows[0][0]).replace("'", "''")
    return f" where filename = '{file}'"


def _in_orders(workspace: Workspace, engine: Engine) -> Iterator[Lookalike]:
    """Look at order ids all over the built baskets: a basket's name is a digest, a fair die."""
    if BASKETS not in engine.relations():
        return
    baskets = workspace.relation(BASKETS)
    _, found = _ask(
        workspace,
        engine,
        f"select source_name, count(*) as baskets from {baskets} where order_id is not null"
        " group by source_name",
    )
    for name, baskets_of in found:
        part = min(_HEX_VALUES - 1, ROWS * _HEX_VALUES // baskets_of)
        rows = (
            f"select {_text('order_id')} as c0 from {baskets} where source_name = '{name}'"
            f" and substr(cast(basket as varchar), 1, 4) <= '{part:04x}' limit {ROWS}"
        )
        for _, kind, many, sampled in _counted(workspace, engine, rows, 1):
            yield Lookalike(
                source=name,
                column="order_id",
                kind=kind,
                rows=many,
                sampled=sampled,
                is_built=True,
            )


def _counted(
    workspace: Workspace, engine: Engine, rows: str, columns: int
) -> Iterator[tuple[int, str, int, int]]:
    """Each column and kind that enough values look like: with how many, and how many there are.

    Args:
        workspace: whose dialect it is.
        engine: where the rows are.
        rows: a query of texts that are called c0, c1, …
        columns: how many there are.
    """
    counts = [
        count
        for at in range(columns)
        for count in (f"count(c{at})", *(f"count({_like(shape, at)})" for shape in SHAPES))
    ]
    _, answer = _ask(workspace, engine, _select(counts, rows))
    width = 1 + len(SHAPES)
    for at in range(columns):
        sampled, *many = answer[0][at * width : (at + 1) * width]
        for shape, found in zip(SHAPES, many, strict=True):
            is_enough = found >= max(shape.least, shape.share * sampled)
            if is_enough and _holds_up(workspace, engine, rows, shape, at):
                yield at, shape.kind, found, sampled


def _holds_up(workspace: Workspace, engine: Engine, rows: str, shape: Shape, at: int) -> bool:
    """Whether the values differ; and of cards, nearly all end in the digit that they must."""
    like = _like(shape, at)
    good = f"case when {_ends_well(like)} then 1 end" if shape.kind == "card" else like
    counts = (f"count(distinct {like})", f"count({like})", f"count({good})")
    _, answer = _ask(workspace, engine, _select(counts, rows))
    different, many, ended_well = answer[0]
    return bool(different >= shape.least and ended_well >= _LUHN_SHARE * many)


def _ends_well(card: str) -> str:
    """Whether a card's last digit is right: Luhn's sum of all of them is one of tens."""
    padded = f"lpad({card}, {_LONGEST_CARD}, '0')"
    # Every second digit from the right counts twice, and nine less from ten on.
    weighed = (
        f"strpos('{'0516273849' if (_LONGEST_CARD - place) % 2 else '0123456789'}',"
        f" substr({padded}, {place}, 1))"
        for place in range(1, _LONGEST_CARD + 1)
    )
    return f"({' + '.join(weighed)} - {_LONGEST_CARD}) % 10 = 0"


def _like(shape: Shape, at: int) -> str:
    """The value where it looks so."""
    value = f"replace(replace(c{at}, ' ', ''), '-', '')" if shape.kind == "card" else f"c{at}"
    return f"case when regexp_matches({value}, '{shape.pattern}') then {value} end"


def _select(counts: Sequence[str], rows: str) -> str:
    named_counts = ", ".join(f"{count} as n{at}" for at, count in enumerate(counts))
    return f"select {named_counts} from ({rows}) as sampled"


def _text(column: str) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    return f"nullif(trim(cast({quoted} as varchar)), '')"


def _ask(workspace: Workspace, engine: Engine, sql: str) -> tuple[tuple[str, ...], list[Row]]:
    """A question in the models' portable subset."""
    return engine.query(workspace.compiler.text(sql, path=_WHERE), where=_WHERE)

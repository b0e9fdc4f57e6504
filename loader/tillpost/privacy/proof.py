"""The proof: from the tagged columns of the sources to every relation that is stored or leaves."""

from collections.abc import Iterator
from dataclasses import replace

import sqlglot

from tillpost.errors import Place, UsageError
from tillpost.privacy.facts import Counts, Field, Proof, Query, Raw, Subject
from tillpost.privacy.queries import Queries
from tillpost.privacy.relations import Column, Relation
from tillpost.privacy.rules import IN_CLEAR, Rules
from tillpost.privacy.scopes import Filter, Walk
from tillpost.privacy.tables import table_key
from tillpost.privacy.traces import Origin, Passed, Stage, Trace, uncleared

PAYLOAD = "payload"


def prove(subject: Subject) -> tuple[Proof, list[UsageError]]:
    """Follow every model; what is wrong in any of them is told at once.

    Returns:
        The proof, and everything that keeps it from being one.
    """
    tables = _sources(subject.sources)
    for relation, columns in subject.seeds.items():
        names = tuple(Column(name=name.lower()) for name in columns)
        tables[relation.lower()] = Relation(columns=names, is_seed=True)
    errors: list[UsageError] = []
    filters: list[Filter] = []
    fields: list[tuple[Query, Field]] = []
    for query in subject.queries:
        walk = Walk(
            model=query.name,
            path=query.path,
            rules=subject.rules,
            plain_lines=query.plain_lines,
        )
        found = _follow(query, walk, tables)
        walk.errors += _twice(query, found)
        if query.is_stored or query.leaves:
            walk.errors += _violations(query, found, walk)
            fields += [(query, field) for field in _fields(query, found)]
        tables[query.relation.lower()] = _read_by_others(query, found)
        errors += walk.errors
        filters += walk.filters
    return _proof(subject, fields, filters, tables), errors


def _sources(sources: tuple[Raw, ...]) -> dict[str, Relation]:
    """The sources by how SQL reads them; of two that are one file both tags hold."""
    tables: dict[str, Relation] = {}
    for source in sources:
        tree = sqlglot.parse_one(f"select * from {source.relation}", dialect="duckdb")
        key = table_key(tree.args["from_"].this)
        known = tables[key].columns if key in tables else ()
        tables[key] = Relation(columns=(*known, *_tagged(source)), is_open=True)
    return tables


def _tagged(source: Raw) -> Iterator[Column]:
    for name, kind in source.kinds.items():
        bare = name.strip('"')
        origin = Origin(source=source.name, column=bare, kind=kind)
        yield Column(name=bare.lower(), traces=(Trace(origin=origin),))


def _follow(query: Query, walk: Walk, tables: dict[str, Relation]) -> Relation:
    try:
        return Queries(walk, tables).relation(query.tree)
    except RecursionError:
        walk.refuse(query.tree, "the SQL is nested too deep for the proof", fix="split the model")
        return Relation(columns=())


def _twice(query: Query, found: Relation) -> Iterator[UsageError]:
    """A second column of a name: the engine would keep the first, and call the second otherwise."""
    names: set[str] = set()
    for column in found.columns:
        if column.name in names:
            yield UsageError(
                f'a model has one column "{column.name}", and this is the second',
                where=column.place or Place(file=query.path),
                fix="take one of them out: of what is mapped, off unmapped(…)",
            )
        names.add(column.name)


def _violations(query: Query, found: Relation, walk: Walk) -> list[UsageError]:
    return [*_unknown_columns(query, found, walk), *_raw_columns(query, found, walk.rules)]


def _unknown_columns(query: Query, found: Relation, walk: Walk) -> Iterator[UsageError]:
    if found.is_open and not walk.errors:
        yield UsageError(
            "what is stored or leaves needs columns that are known",
            where=Place(file=query.path),
            why="a star over a source takes whatever stands in the file",
            fix="name the columns that are needed",
        )


def _raw_columns(query: Query, found: Relation, rules: Rules) -> Iterator[UsageError]:
    for column in found.columns:
        told = [each for each in uncleared(column.traces) if not _may_stay(each, query, column)]
        if told:
            yield _violation(query, column, told, rules)


def _may_stay(trace: Trace, query: Query, column: Column) -> bool:
    """Whether a kind that Meta wants in clear stands where it may."""
    if trace.origin.kind not in IN_CLEAR:
        return False
    if query.leaves:
        own = f"user_data.{trace.origin.kind}"
        return trace.stage is Stage.PLACED and column.name == PAYLOAD and trace.key == own
    return trace.stage is Stage.PLACED or (trace.is_whole and column.name == trace.origin.kind)


def _violation(query: Query, column: Column, told: list[Trace], rules: Rules) -> UsageError:
    ways = [f"{column.name} ← {each.route}" for each in told]
    first = told[0]
    steps = {f"{step.column}: {step.place}": None for each in told for step in each.path}
    notes = {f"{_line(note.place)}: {note.words}": None for each in told for note in each.notes}
    others = [f"and {way}" for way in dict.fromkeys(ways) if way != ways[0]]
    return UsageError(
        f"{ways[0]} {rules.wanted(first.origin.kind)}",
        where=_line(column.place or Place(file=query.path)),
        why="\n".join([*others, *steps, *notes]),
        fix=f"clear it on the way, or take {column.name} out of what is stored",
    )


def _line(place: Place) -> Place:
    """A place without its column: paths name lines."""
    return Place(file=place.file, line=place.line)


def _read_by_others(query: Query, found: Relation) -> Relation:
    """A model as its readers see it: its columns are steps on the way from here on.

    What must not be stored has been told of where it is; its readers need not repeat it.
    """
    return replace(found, columns=tuple(_as_read(query, column) for column in found.columns))


def _as_read(query: Query, column: Column) -> Column:
    is_told = query.is_stored or query.leaves
    passed = _passed(query, column)
    traces = tuple(
        replace(each, path=(passed, *each.path))
        for each in column.traces
        if not is_told or each.is_cleared or _may_stay(each, query, column)
    )
    return replace(column, traces=traces)


def _passed(query: Query, column: Column) -> Passed:
    place = _line(column.place or Place(file=query.path))
    return Passed(column=f"{query.name}.{column.name}", place=str(place))


def _fields(query: Query, found: Relation) -> Iterator[Field]:
    for column in found.columns:
        for trace in column.traces:
            if trace.stage is Stage.ANSWERED or not trace.origin.is_tagged:
                continue
            yield Field(
                relation=query.name,
                column=column.name,
                key=trace.key,
                source=f"{trace.origin.source}.{trace.origin.column}",
                kind=trace.origin.kind,
                stage=trace.stage.value,
                normalizer=trace.by,
                hash=trace.hash,
                path=(_passed(query, column), *trace.path),
            )


def _proof(
    subject: Subject,
    fields: list[tuple[Query, Field]],
    filters: list[Filter],
    tables: dict[str, Relation],
) -> Proof:
    payload = [field for query, field in fields if query.leaves and field.key]
    stored = [field for query, field in fields if not (query.leaves and field.key)]
    counts = Counts(
        models=len(subject.queries),
        stored=sum(query.is_stored or query.leaves for query in subject.queries),
        columns=sum(len(tables[query.relation.lower()].columns) for query in subject.queries),
        sources=len(subject.sources),
        tagged=sum(len(source.kinds) for source in subject.sources),
        intrinsics=len(subject.rules.by_name),
    )
    return Proof(
        payload=tuple(sorted(payload, key=lambda each: (each.key, each.source))),
        stored=tuple(stored),
        filters=tuple(filters),
        trusted_base=subject.trusted_base,
        counts=counts,
    )

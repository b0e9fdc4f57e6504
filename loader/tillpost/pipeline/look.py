"""Looking without changing anything: the SQL of a model, and its rows."""

import re
from collections.abc import Iterable, Iterator, Mapping

from tillpost.compiler import OPAQUE, CompiledModel, CompiledTest, Manifest
from tillpost.compiler.context import Notes
from tillpost.engines import Engine
from tillpost.errors import UsageError, raise_all
from tillpost.pipeline.digest_keys import without_key
from tillpost.pipeline.masking import mask
from tillpost.pipeline.proofs import ready
from tillpost.pipeline.run_checks import reachable
from tillpost.pipeline.selected import Selection, select
from tillpost.pipeline.workspace import Workspace
from tillpost.project.sources import KINDS
from tillpost.project.yaml_file import did_you_mean

INLINE = "--inline"
_PLAIN = re.compile(r"[A-Za-z_]\w*")


def compiled(workspace: Workspace, selection: Selection) -> str:
    """The SQL of the selected models, or of tests alone, or the list of all in build order.

    Raises:
        UsageError: the project does not compile, or nothing with SQL is selected.
    """
    manifest, _ = ready(workspace)
    if selection.is_everything:
        return "\n".join(f"{each.materialized:<6} {each.path}" for each in manifest.models)
    selected = select(workspace, manifest, selection)
    models = [each for each in manifest.models if each.name in selected.models]
    found: list[CompiledModel] | list[CompiledTest] = models or [
        each for each in manifest.tests if each.name in selected.tests
    ]
    if not found and (selected.seeds or selected.sources):
        raise UsageError(
            "nothing that is selected has SQL",
            why="seeds and sources are read as they are",
            fix="tillpost show --select SEED",
        )
    if len(found) == 1:
        return found[0].sql
    return "\n\n".join(f"-- {each.path}\n{each.sql.strip()};" for each in found)


def compiled_inline(workspace: Workspace, text: str) -> str:
    """A query that somebody typed, rendered as a model is."""
    return workspace.compiler.text(text, path=INLINE)


def show(
    workspace: Workspace, name: str, *, limit: int, is_masked: bool = True, inline: str = ""
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """The first rows of a model, a seed or a failing test, or of a query that was typed.

    Personal columns are masked.

    Unmasked they are for a person at a terminal alone.

    Raises:
        UsageError: there is no such thing, or what it reads was not built yet.
    """
    from tillpost.compiler.reach import reach_errors  # noqa: PLC0415  sqlglot takes its time

    manifest = workspace.compiler.manifest()
    found = {each.name: (each.sql, each.path, each.refs) for each in manifest.models}
    found |= {each.name: (each.sql, each.file, each.refs) for each in manifest.tests}
    for seed in workspace.project.seeds.values():
        sql = f"select * from {workspace.relation(seed.name)}"
        found[seed.name] = (sql, seed.path, frozenset({seed.name}))
    if inline:
        notes = Notes()
        sql = workspace.compiler.text(inline, path=INLINE, notes=notes)
        name, found = INLINE, {INLINE: (sql, INLINE, frozenset(notes.refs))}
    if name not in found:
        raise _unknown(f'there is no model, seed or test "{name}"', name, found)
    sql, path, refs = found[name]
    known = reachable(workspace)
    for text, dialect in _read(workspace, name, sql):
        raise_all(list(reach_errors(text, path=path, dialect=dialect, known=known)))
    with workspace.engine() as engine:
        _require_built(engine, manifest, refs, path=path)
        names, rows = engine.sample(sql, limit=limit, where=path)
    if name in workspace.project.seeds or not is_masked:
        return names, rows
    masked = _masked_columns(workspace, names, inline)
    return names, [
        tuple(
            mask(value, wholly=column in masked) for column, value in zip(names, row, strict=True)
        )
        for row in rows
    ]


def _read(workspace: Workspace, name: str, sql: str) -> Iterator[tuple[str, str]]:
    """What must reach for nothing, and its dialect: `keyed_digest` alone may read its key."""
    model = workspace.project.models.get(name)
    yield (without_key(sql) if model else sql), workspace.compiler.settings.dialect
    if model and without_key(sql) != sql:
        yield workspace.compiler.model(model, dialect=OPAQUE).sql, "duckdb"


def _unknown(what: str, name: str, names: Iterable[str]) -> UsageError:
    return UsageError(what, fix=did_you_mean(name, names) or "tillpost compile lists them")


def _require_built(engine: Engine, manifest: Manifest, names: frozenset[str], *, path: str) -> None:
    """Make sure that what is read is there; views that an engine forgets are made again."""
    models = {each.name: each for each in manifest.models}
    standing = engine.relations()
    if "build_stamp" in standing:
        forgotten = _views_behind(names, models) - standing
        for each in manifest.models:
            if each.name in forgotten:
                engine.create(each.relation, each.sql, materialized="view", where=each.path)
        standing |= forgotten
    missing = sorted(names - standing)
    if missing:
        raise UsageError(
            "what it reads was not built yet",
            where=path,
            why=f"missing: {', '.join(missing)}",
            fix="tillpost build",
        )


def _views_behind(names: frozenset[str], models: Mapping[str, CompiledModel]) -> set[str]:
    """The views among some names, and among what these read."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        model = models.get(waiting.pop())
        if model and model.materialized == "view" and model.name not in found:
            found.add(model.name)
            waiting |= model.refs
    return found


def _masked_columns(workspace: Workspace, columns: tuple[str, ...], inline: str) -> set[str]:
    """Every column that may hold personal data, under whatever name: all, where that is unclear."""
    from tillpost.compiler.personal import personal_names  # noqa: PLC0415  sqlglot takes its time

    manifest = workspace.compiler.manifest(dialect=OPAQUE)
    texts = [model.sql for model in manifest.models] + [test.sql for test in manifest.tests]
    texts += [workspace.compiler.text(inline, path=INLINE, dialect=OPAQUE)] if inline else []
    tagged = {name.lower() for each in workspace.project.sources.values() for name in each.kinds}
    personal = personal_names(texts, tagged | set(KINDS))
    return {
        column
        for column in columns
        # What has no plain name is an expression, of whatever columns.
        if personal is None or column.lower() in personal or not _PLAIN.fullmatch(column)
    }

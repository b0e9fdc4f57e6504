"""Building: what the models need first, then the models, then the tests and the balance."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from tillpost.compiler import CompiledModel, Manifest, source_relation
from tillpost.engines import DefersViews, Engine, ExchangesParquet, ReadsFiles
from tillpost.errors import UsageError
from tillpost.pipeline.build_summary import BuildSummary, SourceReading, summarise
from tillpost.pipeline.contract import require_filled
from tillpost.pipeline.digest_keys import require_key
from tillpost.pipeline.lookalikes import is_strict
from tillpost.pipeline.samples import lookalikes
from tillpost.pipeline.snapshots import (
    LEDGER_KEYS,
    file_to_ask,
    take_asked,
    take_forgotten,
    take_snapshot,
)
from tillpost.pipeline.tests import run_tests
from tillpost.pipeline.workspace import Listen, Progress, Run, Workspace


def build(workspace: Workspace, run: Run, manifest: Manifest, *, listen: Listen) -> BuildSummary:
    """Build everything and test it; the build is stamped only when all of it stands.

    Raises:
        UsageError: a model, a source or a seed cannot be used; names file and line.
    """
    digest_key = require_key(workspace, manifest)
    with workspace.engine() as engine:
        engine.execute(
            f"drop table if exists {workspace.relation('build_stamp')}", where="the build"
        )
        for hook in manifest.on_run_start:
            engine.execute(hook, where="dbt_project.yml on-run-start")
        load_seeds(workspace, engine, workspace.project.seeds)
        readings = read_sources(workspace, engine, manifest.sources, listen=listen)
        build_over_ledger(workspace, engine, run, manifest.models, listen=listen)
        found = lookalikes(workspace, engine, manifest)
        tests = run_tests(engine, manifest.tests, listen=listen)
        summary = replace(
            summarise(workspace, engine, run, readings, tests),
            lookalikes=found,
            is_strict=is_strict(workspace.project),
        )
        if not summary.fault:
            require_filled(engine, manifest)
            _stamp(workspace, engine, run, summary, digest_key=digest_key)
    return summary


def load_seeds(workspace: Workspace, engine: Engine, names: Iterable[str]) -> None:
    """Load these seeds anew."""
    for seed in map(workspace.project.seeds.__getitem__, names):
        engine.load_seed(
            workspace.relation(seed.name),
            workspace.project.root / seed.path,
            types=seed.column_types,
            shown=seed.path,
        )


def read_sources(
    workspace: Workspace, engine: Engine, sources: Iterable[str], *, listen: Listen
) -> tuple[SourceReading, ...]:
    """Count each raw table; read each CSV once to name the lines that do not parse."""
    for name in ("unreadable_lines", "source_files"):
        engine.execute(f"truncate table {workspace.relation(name)}", where="the build")
    names = sorted(name for name in sources if not name.startswith("tillpost."))
    if not names:
        raise UsageError(
            "no model reads a source", fix="write a staging model that selects from source(…)"
        )
    readings = []
    for number, name in enumerate(names, 1):
        listen(Progress(stage="read", name=name, done=number, total=len(names)))
        source = workspace.project.sources[name]
        where = f"{source.file} {name}"
        location = source_relation(source, schema=engine.schema)
        if source.location and not isinstance(engine, ReadsFiles):
            raise UsageError(
                "only DuckDB reads files",
                where=where,
                why=f"external_location is {location}",
                fix="load it into a table, name that table here, and take external_location out",
            )
        if not (source.is_csv and isinstance(engine, ReadsFiles)):
            rows = engine.count_source(location, where=where)
            readings.append(SourceReading(name=name, rows=rows))
            continue
        files, bad = engine.scan_csv(location, where=where)
        before = 0
        listed = []
        for file, rows in sorted(files):
            listed.append((name, file, rows, before))
            before += rows
        engine.insert(workspace.relation("source_files"), listed)
        engine.insert(workspace.relation("unreadable_lines"), [(name, *line) for line in bad])
        readings.append(SourceReading(name=name, rows=before, unreadable=tuple(bad)))
    return tuple(readings)


def build_over_ledger(
    workspace: Workspace,
    engine: Engine,
    run: Run,
    models: Sequence[CompiledModel],
    *,
    listen: Listen,
) -> None:
    """Build the models over as much of the ledger as they need."""
    file = file_to_ask(workspace, models)
    if file is None or not isinstance(engine, ExchangesParquet):
        take_snapshot(workspace, engine, run)
        build_models(engine, models, listen=listen)
        return
    take_forgotten(workspace, engine, run, file=file)
    ask = partial(take_asked, workspace, engine, run, file=file)
    build_models(engine, models, listen=listen, after={LEDGER_KEYS: ask})


def build_models(
    engine: Engine,
    models: Sequence[CompiledModel],
    *,
    listen: Listen,
    after: Mapping[str, Callable[[], None]] = MappingProxyType({}),
) -> None:
    """Build these models in their order; ``after`` says what to do once one of them stands.

    To bind a view is to bind all that it reads, raw files too: where an engine can wait, views are
    bound with what reads them.
    """
    read = frozenset[str]().union(*(model.refs for model in models))
    waiting: list[CompiledModel] = []
    for number, model in enumerate(models, 1):
        listen(Progress(stage="build", name=model.name, done=number, total=len(models)))
        is_read_view = model.materialized == "view" and model.name in read
        if is_read_view and isinstance(engine, DefersViews):
            engine.defer(model.relation, model.sql, where=model.path)
            waiting.append(model)
            continue
        try:
            _create(engine, model)
        except UsageError:
            for each in waiting:
                _create(engine, each)  # one of them may be what is wrong: it says so by itself
            raise
        if model.name in after:
            after[model.name]()


def _create(engine: Engine, model: CompiledModel) -> None:
    engine.create(model.relation, model.sql, materialized=model.materialized, where=model.path)


def _stamp(
    workspace: Workspace, engine: Engine, run: Run, summary: BuildSummary, *, digest_key: str
) -> None:
    built_at = int(workspace.options.now.timestamp())
    engine.create(
        workspace.relation("build_stamp"),
        f"select '{run.id}' as run_id, {summary.as_of} as as_of, {built_at} as built_at,"
        f" '{workspace.project.rules_version}' as rules_version, '{digest_key}' as digest_key",
        materialized="table",
        where="the build",
    )

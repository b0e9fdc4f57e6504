"""What must hold of all that runs, for the proof of the models to be about it."""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tillpost.compiler import CompiledModel, CompiledTest, Manifest, source_relation
from tillpost.compiler.context import whole_lines
from tillpost.compiler.reach import reach_errors
from tillpost.errors import UsageError
from tillpost.pipeline.workspace import Workspace


def run_errors(workspace: Workspace, read: Manifest, run: Manifest) -> Iterator[UsageError]:
    """An error for each thing that runs and passes by the proof.

    Args:
        workspace: the project and its target.
        read: what the proof reads, intrinsics opaque.
        run: what is compiled for the target.
    """
    yield from _same_text(workspace, read, run)
    yield from _hooks(workspace, run)
    yield from _beyond(workspace, run)
    yield from _own_relations(workspace)


def _same_text(workspace: Workspace, manifest: Manifest, run: Manifest) -> Iterator[UsageError]:
    """What runs must be what the proof reads, intrinsics put in, and stored where it says so."""
    read = _stored(manifest)
    for name, each in _stored(run).items():
        seen = read.get(name)
        if seen is None or not workspace.compiler.runs_as_read(seen, each):
            yield UsageError(
                "the SQL that runs is not the SQL that the proof reads",
                where=each.path,
                why="its Jinja looks at the text of an intrinsic, or at the name of an engine",
                fix="write the model so that it renders the same wherever it runs",
            )


def _stored(manifest: Manifest) -> dict[tuple[str, str, int], CompiledModel | CompiledTest]:
    """All models, and the tests whose bad rows are kept: by name, what they become, and place."""
    kept = [test for test in manifest.tests if test.kept_in]
    models = {(model.name, model.materialized, 0): model for model in manifest.models}
    return models | {(each.name, each.kept_in, at): each for at, each in enumerate(kept)}


def _hooks(workspace: Workspace, run: Manifest) -> Iterator[UsageError]:
    """A hook may make an empty table; one that fills it would pass by the proof."""
    settings = workspace.compiler.settings
    where = "dbt_project.yml on-run-start"
    for text in run.on_run_start:
        try:
            trees = [each for each in sqlglot.parse(text, dialect=settings.dialect) if each]
        except SqlglotError:
            trees = []
        if not trees or not all(_is_empty(each) for each in trees):
            yield UsageError(
                "the proof does not follow this hook",
                where=where,
                why="a hook may create empty tables and schemas, and drop them",
                fix="make a model of it",
            )


def _beyond(workspace: Workspace, run: Manifest) -> Iterator[UsageError]:
    """Tests are not proved, since nothing of them is stored; but they run all the same."""
    known, dialect = reachable(workspace), workspace.compiler.settings.dialect
    for test in run.tests:
        yield from reach_errors(test.sql, path=test.file, dialect=dialect, known=known)


def _own_relations(workspace: Workspace) -> Iterator[UsageError]:
    """A source that is a model of this project would be read without the tags behind the model."""
    project, schema = workspace.project, workspace.compiler.settings.schema
    attached = {
        str(each["alias"]).lower() for each in workspace.profile.settings.get("attach") or ()
    }
    own = {name.lower(): name for name in (*project.models, *project.seeds)}
    for source in project.sources.values():
        relation = source_relation(source, schema=schema)
        tree = sqlglot.parse_one(f"select * from {relation}", dialect="duckdb")
        for table in tree.find_all(exp.Table):
            is_here = table.catalog.lower() not in attached and table.db.lower() in (
                "",
                schema.lower(),
            )
            if is_here and (name := own.get(table.name.lower())):
                yield UsageError(
                    f"the source {source.full_name} reads {name}, which this project makes",
                    where=source.file,
                    why="what is personal in it has no tags there",
                    fix=f"take the source out, and write ref('{name}')",
                )


def reachable(workspace: Workspace) -> frozenset[str]:
    """All that the project may read, as its SQL writes it."""
    project, settings = workspace.project, workspace.compiler.settings
    names = {workspace.relation(name) for name in (*project.models, *project.seeds)}
    sources = project.sources.values()
    locations = {source_relation(each, schema=settings.schema) for each in sources}
    return frozenset(names | locations | {whole_lines(each) for each in locations})


def _is_empty(tree: exp.Expr) -> bool:
    if isinstance(tree, exp.Drop):
        return True
    is_kind = isinstance(tree, exp.Create) and tree.kind in ("TABLE", "SCHEMA")
    return is_kind and not tree.expression and not any(tree.find_all(exp.Query))

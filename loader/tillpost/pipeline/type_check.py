"""The types of a workspace's values, from what its sources, seeds and hooks are known to hold."""

import re
from collections.abc import Iterator
from contextlib import suppress

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tillpost.compiler import Manifest, source_relation
from tillpost.errors import UsageError
from tillpost.pipeline.contract import CONTRACT, FINAL
from tillpost.pipeline.workspace import Workspace
from tillpost.privacy import Rules, Subject
from tillpost.project.sources import Source
from tillpost.project.yaml_file import did_you_mean
from tillpost.types import Declared, Followed, Type, declared_by, follow_types, type_named

_REF = re.compile(r"""ref\(\s*['"](\w+)['"]\s*\)""")
_IS_TEXT = re.compile(r"\ball_varchar\s*=\s*true\b", re.IGNORECASE)
# Options that give some columns another type, and folders that may be columns: `day=1/`.
_IS_TYPED = re.compile(r"\b(types|dtypes|column_types|columns|hive_\w+)\s*=", re.IGNORECASE)
_IN_FOLDERS = re.compile(r"'[^']*[*?=][^']*/")


def types_of(workspace: Workspace, subject: Subject, run: Manifest) -> Followed:
    """The types of all models' columns, and every value that is known to be of a wrong one.

    Args:
        workspace: the project and its target.
        subject: its models as trees.
        run: what is compiled for the target.
    """
    declared = [*_sources(workspace), *_hooks(workspace, run), *_seeds(workspace, subject)]
    return follow_types(subject.queries, declared, _intrinsics(subject.rules))


def untestable(workspace: Workspace, followed: Followed) -> Iterator[UsageError]:
    """An error for each column that is tested, or compared with, and that is not there."""
    for test in workspace.project.tests:
        named = [(test.on, test.column)]
        if test.kind == "relationships":
            named.append((str(test.arguments.get("to")), str(test.arguments.get("field"))))
        for on, column in named:
            model = _REF.fullmatch(on.strip())
            plain = column.strip('"').lower()
            if not (model and plain) or (model[1] == FINAL and plain in CONTRACT):
                continue  # of the final view, its contract tells
            found = followed.relations.get(workspace.relation(model[1]).lower())
            if found and not found.is_open and not found.has(plain):
                what = f'{model[1]} has no column "{column}" to test'
                yield UsageError(what, where=test.file, fix=did_you_mean(plain, found.types))


def _sources(workspace: Workspace) -> Iterator[Declared]:
    for source in workspace.project.sources.values():
        rest = Type.TEXT if _is_all_text(source) else None
        types = {} if rest else {name: type_named(each) for name, each in source.types.items()}
        location = source_relation(source, schema=workspace.compiler.settings.schema)
        yield Declared(relation=location, types=types, rest=rest)


def _is_all_text(source: Source) -> bool:
    """Whether every column of a file is read as a text, whatever stands in it."""
    location = source.location
    if not (source.is_csv and _IS_TEXT.search(location)):
        return False
    return not (_IS_TYPED.search(location) or _IN_FOLDERS.search(location))


def _hooks(workspace: Workspace, run: Manifest) -> Iterator[Declared]:
    """The tables that hooks make empty, for the loader to fill."""
    dialect = workspace.compiler.settings.dialect
    for text in run.on_run_start:
        with suppress(SqlglotError):  # the proof tells of it
            for tree in sqlglot.parse(text, dialect=dialect):
                if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
                    yield declared_by(tree.this)


def _seeds(workspace: Workspace, subject: Subject) -> Iterator[Declared]:
    for seed in workspace.project.seeds.values():
        relation = workspace.relation(seed.name)
        said = {name.lower(): type_named(each) for name, each in seed.column_types.items()}
        types = {name: said.get(name.lower()) for name in subject.seeds[relation]}
        yield Declared(relation=relation, types=types, is_open=False)


def _intrinsics(rules: Rules) -> dict[str, tuple[tuple[Type | None, ...], Type | None]]:
    return {
        name: (tuple(map(type_named, rule.takes)), type_named(rule.gives))
        for name, rule in rules.by_name.items()
        if rule.takes or rule.gives
    }

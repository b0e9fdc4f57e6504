"""What a project compiles to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tillpost.compiler.context import Notes
from tillpost.compiler.data_tests import CompiledTest
from tillpost.project import Model, Project


@dataclass(frozen=True, kw_only=True)
class CompiledModel:
    """A model as SQL; ``refs`` and ``sources`` are the names it reads.

    ``checksum`` is of what was written: the file, its macros and its configuration, the variables
    and sources that it reads. It is the same tomorrow, which SQL with a clock in it is not.
    ``opaque`` is what was carried to the dialect, if it was.
    """

    name: str
    path: str
    relation: str
    materialized: str
    sql: str
    refs: frozenset[str]
    sources: frozenset[str]
    tags: frozenset[str]
    checksum: str
    opaque: str = ""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything compiled: models in build order, tests, and what runs first."""

    models: tuple[CompiledModel, ...]
    tests: tuple[CompiledTest, ...]
    on_run_start: tuple[str, ...]

    @property
    def parents(self) -> dict[str, frozenset[str]]:
        """What each model refers to."""
        return {model.name: model.refs for model in self.models}

    @property
    def sources(self) -> frozenset[str]:
        """Every raw table that a model reads."""
        return frozenset[str]().union(*(model.sources for model in self.models))


def checksum_of(project: Project, model: Model, config: Mapping[str, Any], notes: Notes) -> str:
    """Of a model as it was written, and of what it calls and reads that is no model."""
    written = [file.text for file in project.macros if not notes.macros.isdisjoint(file.names)]
    read = [project.sources[name].declared for name in sorted(notes.sources)]
    variables = {name: value for name, value in notes.variables.items() if name != "as_of"}
    content = json.dumps([model.sql, config, written, read, variables], default=str, sort_keys=True)
    return sha256(content.encode()).hexdigest()

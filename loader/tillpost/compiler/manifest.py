"""What a project compiles to."""

from dataclasses import dataclass

from tillpost.compiler.data_tests import CompiledTest


@dataclass(frozen=True, kw_only=True)
class CompiledModel:
    """A model as SQL; ``refs`` and ``sources`` are the names it reads.

    ``checksum`` is of what was written: the file, its macros and its configuration. It is the same
    tomorrow, which SQL with a clock in it is not. ``opaque`` is what was carried to the dialect, if
    it was.
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

"""The customer models by themselves: raw fields in, what Meta gets out, in memory only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tillpost.compiler import CompiledModel, Compiler, Settings
from tillpost.engines import Engine, Row, open_engine
from tillpost.errors import UsageError
from tillpost.graph import build_order
from tillpost.pipeline.customer_fields import (
    FIELDS,
    IN_CLEAR,
    SHARED,
    filled,
    numbered,
    places,
)
from tillpost.project import load_project
from tillpost.project.starter import starter_folder

RAW = "int_chosen_customers"
NORMALIZED = "int_normalized_customers"
SPELLED = "int_normalized_spellings"
IDENTITIES = "int_identities"

RawFields = Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """The values of one field of one customer, and the country that the row names."""

    field: str
    values: tuple[str, ...]
    country: str | None = None

    def row(self) -> dict[str, str | None]:
        """The same as a row of raw customer columns."""
        values = map(_storable, self.values)
        row = {"country": _storable(self.country)} if self.field != "country" else {}
        return row | dict(zip(numbered(FIELDS[self.field]), values, strict=False))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is hashed, the hashes, and the words for what was wrong; each may be several."""

    normalized: tuple[str, ...]
    hashes: tuple[str, ...]
    problems: tuple[str, ...]


@contextmanager
def open_normalizer(
    project_dir: Path | None,
    *,
    variables: dict[str, Any],
    environ: Mapping[str, str],
    now: datetime,
) -> Iterator["Normalizer"]:
    """The customer models of a project, over tables that hold nothing yet.

    Args:
        project_dir: the project; none takes the models that Tillpost comes with.
        variables: variables of the command line, which win over the project's.
        environ: what ``env_var`` answers from.
        now: the clock that ``as_of`` has unless a variable sets it.

    Raises:
        UsageError: there is no project, or its customer models cannot be used.
    """
    with starter_folder() as starter:
        root = (project_dir or starter).resolve()
        settings = Settings(
            project=load_project(root, overrides=variables),
            schema="main",
            target="explain",
            dialect="duckdb",
            threads=1,
            run_started_at=now,
            environ=environ,
        )
        seeds = settings.project.seeds.values()
        reads = tuple((seed.path, str(root / seed.path)) for seed in seeds)
        with open_engine({"type": "duckdb"}, root=root, where="explain", reads=reads) as engine:
            yield Normalizer(Compiler(settings), engine)


class Normalizer:
    """The models between the raw customer columns and their hashes.

    Each is a table here, so that every step of a value can be looked at. The engine has no file
    and nowhere to spill to: what it is given is personal.
    """

    def __init__(self, compiler: Compiler, engine: Engine) -> None:
        """Compile the models and load the project's seeds."""
        self._engine = engine
        self._models = {model.name: model for model in customer_models(compiler)}
        self._columns = compiler.text("{{ customer_columns() }}", path=RAW).split(", ")
        self._count = 0
        project = compiler.settings.project
        for seed in project.seeds.values():
            path = project.root / seed.path
            engine.load_seed(f"main.{seed.name}", path, types=seed.column_types, shown=seed.path)

    def take(self, rows: Sequence[RawFields]) -> None:
        """Take rows through all models, in place of those before; what a row lacks is null."""
        empty = ", ".join(f"cast(null as varchar) as {name}" for name in self._columns)
        self._engine.create(
            f"main.{RAW}",
            f"select cast(null as bigint) as basket, {empty} where false",
            materialized="table",
            where=RAW,
        )
        self._engine.insert(
            f"main.{RAW}",
            [(number, *map(row.get, self._columns)) for number, row in enumerate(rows)],
        )
        self._count = len(rows)
        for model in self._models.values():
            self._engine.create(model.relation, model.sql, materialized="table", where=model.path)

    def read(self, step: str) -> tuple[tuple[str, ...], list[Row]]:
        """The columns of a relation, and a row for each that was taken, in their order.

        Raises:
            UsageError: a model has more rows or fewer than it was given.
        """
        names, rows = self._engine.query(f"select * from main.{step} order by basket", where=step)
        if len(rows) != self._count:
            raise UsageError(
                f"the model has {len(rows):,} rows for {self._count:,} customers",
                where=self._models[step].path,
                fix="look for a key that stands in a seed twice: tillpost test",
            )
        return names, rows

    def path(self, field: str) -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
        """The way of the one row that was taken, until its fields are normalized.

        Of each model its name, what it says of the row, and the field's values if they pass it.
        """
        column = FIELDS[field]
        ended: set[bool] = set()
        for step in self._models:
            names, rows = self._engine.query(f"select * from main.{step}", where=step)
            is_spelling = "basket" not in names
            if step in (NORMALIZED, SPELLED):
                ended.add(is_spelling)
            rows = _spelled(names, rows, f"raw_{column}") if is_spelling else rows
            if is_spelling in ended or not rows:
                continue
            passes = is_spelling == (field in SHARED)
            said = dict(zip(names, rows[0], strict=True))
            yield step, said, filled(rows[0], places(names, column) if passes else ())

    def answers(self, cases: Sequence[Case]) -> Iterator[Answer]:
        """What the models make of each case."""
        self.take([case.row() for case in cases])
        names, normalized = self.read(NORMALIZED)
        hashed_names, hashed = self.read(IDENTITIES)
        pairs = {
            field: list(zip(places(names, field), places(hashed_names, field), strict=True))
            for field in FIELDS
        }
        problems = names.index("problems")
        for case, row, hashed_row in zip(cases, normalized, hashed, strict=True):
            found: dict[str, str] = {}
            for place, hashed_place in pairs[case.field]:
                if hashed_row[hashed_place] is not None:
                    found.setdefault(hashed_row[hashed_place], row[place])
            words = row[problems].split(",") if row[problems] else []
            yield Answer(
                normalized=tuple(found.values()),
                hashes=() if case.field in IN_CLEAR else tuple(found),
                problems=_own(words, column=FIELDS[case.field]),
            )

    def lookup(self, seed: str, key: str, answer: str) -> dict[str, str]:
        """Two columns of a seed."""
        _, rows = self._engine.query(f"select {key}, {answer} from main.{seed}", where=seed)
        return dict(rows)


def customer_models(compiler: Compiler) -> list[CompiledModel]:
    """The models that lie between the raw customers and the hashes, in build order."""
    project = compiler.settings.project
    found: dict[str, CompiledModel] = {}
    waiting = {IDENTITIES}
    while waiting:
        name = waiting.pop()
        if name not in project.models:
            raise UsageError(f'there is no model "{name}"', where=str(project.root))
        model = compiler.model(project.models[name])
        if model.sources:
            raise UsageError(
                "this model cannot be explained: it reads a source",
                where=model.path,
                fix=f"read the customers from {RAW}",
            )
        found[name] = model
        waiting |= model.refs - project.seeds.keys() - found.keys() - {RAW}
    order = build_order(
        {name: model.refs & found.keys() for name, model in found.items()},
        paths={name: model.path for name, model in found.items()},
    )
    return [found[name] for name in order]


def _spelled(names: Sequence[str], rows: Iterable[Row], column: str) -> list[Row]:
    """The rows of a model of spellings that are about one field."""
    return [row for row in rows if column in names and row[names.index(column)] is not None]


def _own(words: Iterable[str], *, column: str) -> tuple[str, ...]:
    """The problems of one field, each once: their words begin with the column's name."""
    return tuple(dict.fromkeys(word for word in words if word.startswith(f"{column}_")))


def _storable(text: str | None) -> str | None:
    """No database holds half a sign: lone surrogates go, as all that is invisible does."""
    return text and text.encode(errors="ignore").decode()

"""An order's rows as the sources have them, and the condition that keeps each from being read.

The models between a source and the first table become one query over that order's rows alone,
with all, some or none of their conditions. Nothing of it is stored.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from tillpost.pipeline.built import Built, Record, literal
from tillpost.pipeline.model_texts import ModelTexts
from tillpost.pipeline.tracing import Filter, with_filters

_PATH = re.compile(r"'(?:[^']|'')+'")
Kept = Mapping[str, Sequence[bool]]


@dataclass(frozen=True, kw_only=True)
class SourceWay:
    """The models from a source's staging model to the first table, over one of its files or all."""

    built: Built
    texts: ModelTexts
    models: tuple[str, ...]
    condition: str
    file: str | None = None

    @property
    def naming(self) -> str:
        """The first model on the way whose rows have a row ref."""
        return next(name for name in self.models if "row_ref" in self.texts.columns(name))

    def filters(self) -> list[Filter]:
        """Every condition on the way, in the order in which they work."""
        return [each for name in self.models for each in self.texts.filters(name)]

    def rows(self) -> list[Record]:
        """The order's rows with no condition at all, as the first model that names them has them.

        They hold the customer's columns as they are written: not to be shown.
        """
        return self._records(self.naming, "*", kept=self._kept(0))

    def arrived(self, conditions: int) -> set[str]:
        """The row refs that the first table would have with so many of the conditions."""
        found = self._records(self.models[-1], "row_ref", kept=self._kept(conditions))
        return {each["row_ref"] for each in found}

    def normal_forms(self, row_ref: str, customers: Sequence[tuple[str, str]]) -> Record:
        """The customer of one row as the models normalise it: not to be shown either.

        Args:
            row_ref: the row.
            customers: the models of customers in build order with their SQL, which has
                `{raw}` where they read the raw customer from.
        """
        chain = self._chain(self.naming, kept=self._kept(0))
        wanted = literal(row_ref, self.built.engine.dialect)
        columns = self.texts.macro("customer_columns()")
        raw = (
            f"select row_id as basket, {columns} from {_name(self.naming)} where row_ref = {wanted}"
        )
        steps = [("raw_customer", raw), *customers]
        last = steps[-1][0]
        ctes = "".join(f", {_name(name)} as ({sql})" for name, sql in steps)
        found = self.built.plain_records(f"{chain.rstrip()}{ctes} select * from {_name(last)}")
        return next(iter(found), {})

    def _kept(self, conditions: int) -> dict[str, list[bool]]:
        """So many of the conditions on the way stand, the others not."""
        left = conditions
        kept: dict[str, list[bool]] = {}
        for name in self.models:
            count = len(self.texts.filters(name))
            kept[name] = [place < left for place in range(count)]
            left -= count
        return kept

    def _records(self, model: str, columns: str, *, kept: Kept) -> list[Record]:
        chain = self._chain(model, kept=kept)
        return self.built.plain_records(f"{chain}select {columns} from {_name(model)}")

    def _chain(self, last: str, *, kept: Kept) -> str:
        """The models up to one of them, as CTEs; conditions that are not spoken of all stand."""
        steps = self.models[: self.models.index(last) + 1]
        ctes = ",\n".join(
            f"{_name(name)} as ({self._step(name, steps, kept.get(name))})" for name in steps
        )
        return f"with {ctes}\n"

    def _step(self, name: str, steps: Sequence[str], kept: Sequence[bool] | None) -> str:
        tree = self.texts.tree(name)
        tree = tree.copy() if kept is None else with_filters(tree, kept)
        for table in list(tree.find_all(exp.Table)):
            self._redirect(table, steps)
        sql = self.texts.engine_sql(tree, model=name, relocate=self._relocate)
        if name != steps[0]:
            return sql
        return f"select * from ({sql}) as staged where {self.condition}"

    def _redirect(self, table: exp.Table, steps: Sequence[str]) -> None:
        """Read what is on the way from there, and nothing of what other sources feed."""
        if table.db != self.texts.schema:
            return
        alias = table.alias or table.name
        is_elsewhere = self.texts.reads_sources(table.name)
        if table.name in steps:
            table.replace(exp.to_table(_name(table.name)).as_(alias, table=True))
        elif is_elsewhere or (table.name == "source_files" and self.file is not None):
            bare = exp.to_table(f"{table.db}.{table.name}")
            table.replace(exp.select("*").from_(bare).where(exp.false()).subquery(alias))

    def _relocate(self, location: str) -> str:
        """One file in place of all, with the columns that all of them have together."""
        if self.file is None:
            return location
        file = literal(self.file, "duckdb")
        one = _PATH.sub(lambda _: file, location, count=1)
        none = f"(select * from {location} limit 0)"
        return f"(select * from {none} union all by name select * from {one})"


def first_droppers(way: SourceWay, refs: set[str]) -> Iterator[tuple[str, Filter | None]]:
    """For each row that does not arrive, the first condition that keeps it; none where all pass."""
    waiting = set(refs)
    for number, condition in enumerate(way.filters(), 1):
        if not waiting:
            return
        lost = waiting - way.arrived(number)
        waiting -= lost
        yield from ((ref, condition) for ref in sorted(lost))
    yield from ((ref, None) for ref in sorted(waiting))


def _name(model: str) -> str:
    return f"why_{model}"

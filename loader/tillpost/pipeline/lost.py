"""Where a row or a basket that was read is lost on its way to the account, and by what."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillpost.pipeline.built import Built, literal
from tillpost.pipeline.model_texts import ModelTexts
from tillpost.pipeline.stories import Drop
from tillpost.pipeline.tracing import Filter, compares_rows, ways, with_filters

_DIGESTS = ("row_id", "basket", "event_key")


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What names a row or a basket in the models, by column; a model may have any of them."""

    built: Built
    texts: ModelTexts
    names: dict[str, str]

    def drops(self, target: str) -> tuple[Drop, ...]:
        """What keeps it from a model: one for each way there."""
        found = [self._on(way) for way in self._ways(target)]
        return tuple(dict.fromkeys(drop for drop in found if drop))

    def _ways(self, target: str) -> list[tuple[str, ...]]:
        """The ways from the first table on: before it rows are read from sources."""
        cut = [
            way[next(place for place, name in enumerate(way) if self.texts.is_table(name)) :]
            for way in ways(target, self.texts)
        ]
        return list(dict.fromkeys(cut))

    def _on(self, way: Sequence[str]) -> Drop | None:
        for name in way:
            if not self.is_in(name):
                return self._drop(name)
        return None

    def is_in(self, model: str) -> bool:
        """Whether a model has it."""
        return self._is_read(self.built.relation(model))

    def _is_read(self, relation: str) -> bool:
        columns = self.built.engine.columns(relation, where=relation)
        name = next((each for each in self.names if each in columns), None)
        if name is None:
            return True
        sql = f"select 1 as found from {relation} where {self._is(name)} limit 1"
        return bool(self.built.plain_records(sql))

    def _is(self, name: str) -> str:
        value = self.names[name]
        if name in _DIGESTS:
            return f"{name} = {self.built.digests([value])}"
        return f"{name} = {literal(value, self.built.engine.dialect)}"

    def _drop(self, model: str) -> Drop:
        """The first condition of a model with which it is no longer there."""
        conditions = self.texts.filters(model)
        for number, each in enumerate(conditions, 1):
            kept = [place < number for place in range(len(conditions))]
            tree = with_filters(self.texts.tree(model), kept)
            sql = self.texts.engine_sql(tree, model=model)
            if not self._is_read(f"({sql}) as kept"):
                return drop_of(each)
        return Drop(model=model, path=self.texts.path(model), why=_unnamed(self.texts, model))


def drop_of(condition: Filter) -> Drop:
    """A condition that stops a row."""
    return Drop(
        model=condition.model,
        path=condition.path,
        cte=condition.cte,
        condition=condition.condition,
    )


def _unnamed(texts: ModelTexts, model: str) -> str:
    if compares_rows(texts.tree(model)):
        return "it compares rows or puts them together, and another stands for this one"
    return "no condition of it does so alone"

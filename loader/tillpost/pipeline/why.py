"""Why an order did not go, or how it went: the whole story of it, from source to ledger."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tillpost.errors import UsageError
from tillpost.ledger.history import Written
from tillpost.pipeline.asking import Asked, lines_of
from tillpost.pipeline.built import Built, Record
from tillpost.pipeline.customers import fields_of
from tillpost.pipeline.digest_keys import digested
from tillpost.pipeline.finding import SourceRows, read_rows
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.lost import Lost
from tillpost.pipeline.masking import without_addresses
from tillpost.pipeline.model_texts import ModelTexts
from tillpost.pipeline.sales import order_sales
from tillpost.pipeline.stories import (
    Build,
    Drop,
    SaleStory,
    Step,
    Story,
    Winner,
)
from tillpost.pipeline.told_rows import RowTeller
from tillpost.pipeline.workspace import Workspace


def why(workspace: Workspace, asked: Asked) -> Story:
    """Tell all that sources, build and ledger know of an order.

    Raises:
        UsageError: nothing of that name is anywhere, or nothing was built.
        Locked: a run holds the build or the ledger.
    """
    asked.require_one()
    if asked.order_id:
        asked = replace(asked, digest=digested(workspace, asked.order_id))
    with workspace.engine() as engine:
        built = Built(workspace=workspace, engine=engine)
        built.require()
        stamp = built.stamp()
        texts = ModelTexts(workspace, as_of=stamp.get("as_of"))
        teller = _Teller(built=built, texts=texts, stamp=stamp, asked=asked)
        story = teller.story()
        near = built.near(asked.order_id) if story.is_empty and asked.order_id else []
    if story.is_empty:
        raise _nothing(asked, near)
    return story


def _nothing(asked: Asked, near: Sequence[str]) -> UsageError:
    why, fix = "neither the build nor the sources nor the ledger has it", ""
    if asked.email or asked.phone:
        why = "no customer of a sale that could go, in the last build, has its hash"
        fix = "the order's id: customers of rejected sales are not hashed"
    elif near:
        fix = f"one of these may be meant: {', '.join(near)}"
    return UsageError(
        f"nothing is known of {without_addresses(asked.words)}",
        why=why,
        fix=without_addresses(fix),
    )


@dataclass(frozen=True, kw_only=True)
class _Teller:
    """The parts that a story is made of."""

    built: Built
    texts: ModelTexts
    stamp: Record
    asked: Asked

    @property
    def as_of(self) -> int | None:
        """The clock of the build."""
        return self.stamp.get("as_of")

    def story(self) -> Story:
        """All of it."""
        lines = lines_of(self.built, self.asked)
        raw = read_rows(self.built, self.texts, self.asked, lines)
        baskets = list(dict.fromkeys(each["basket"] for each in lines))
        verdicts = self.built.verdicts(baskets) if baskets else {}
        sales = self._sales(lines, baskets, raw)
        teller = RowTeller(built=self.built, texts=self.texts, as_of=self.as_of)
        rows = [teller.read(line, lines, verdicts) for line in lines]
        rows += [teller.unread(ref, raw) for ref in raw.unread]
        found_by, written = self._written(sales)
        named = {found_by, *(each.get("order_id") for each in (*lines, *raw.records.values()))}
        return Story(
            asked=without_addresses(self.asked.words),
            digest=self.asked.digest if self.asked.digest in named else "",
            build=self._build(),
            rows=tuple(rows),
            sales=sales,
            steps=self._steps(lines, verdicts, sales, raw),
            written=written,
            unreadable=raw.unreadable,
            skipped=raw.skipped,
        )

    def _build(self) -> Build:
        rules = self.built.workspace.project.rules_version
        return Build(
            run_id=self.stamp.get("run_id"),
            as_of=self.as_of,
            other_rules=self.stamp.get("rules_version", rules) != rules,
        )

    def _sales(
        self, lines: Sequence[Record], baskets: Sequence[str], raw: SourceRows
    ) -> tuple[SaleStory, ...]:
        if not baskets:
            return ()
        times = [each["event_time"] for each in lines]
        known = None if None in times else (min(times), max(times))
        found = self.built.sales(baskets, times=known)
        winners = self.built.winners([e["duplicate_of"] for e in found if e["duplicate_of"]])
        full = self.asked.is_full
        fields = fields_of(self.built, self.texts, found, lines, raw, is_full=full)
        reasons = self.built.meanings("reasons", "reason")
        problems = self.built.meanings("problems", "problem")
        return tuple(
            SaleStory(
                **{name: each[name] for name in _TAKEN},
                row_ref=without_addresses(each["row_ref"]),
                order_id=each["order_id"] and without_addresses(each["order_id"]),
                bucket=each["bucket"] or "",
                reasons=_meant(each["reasons"], reasons),
                problems=_meant(fields[each["basket"]].problems, problems),
                duplicate_of=_winner(each["duplicate_of"], winners),
                fields=fields[each["basket"]].fields,
                drops=self._basket_drops(each),
            )
            for each in found
        )

    def _basket_drops(self, sale: Record) -> tuple[Drop, ...]:
        """What keeps a basket without a bucket, or one that should go, from the final view."""
        if sale["bucket"] not in (None, "pending"):
            return ()
        names = {"basket": sale["basket"]}
        if sale["event_key"]:
            names["event_key"] = sale["event_key"]
        lost = Lost(built=self.built, texts=self.texts, names=names)
        return () if lost.is_in("events") else lost.drops("events")

    def _steps(
        self,
        lines: Sequence[Record],
        verdicts: dict[str, Record],
        sales: Sequence[SaleStory],
        raw: SourceRows,
    ) -> tuple[Step, ...]:
        """How many of its rows, then of its baskets, each stored model has."""
        counts = dict(raw.counts)
        if lines:
            counts["int_lines"] = len(lines)
        if sales:
            counts["int_verdicts"] = len({e["row_ref"] for e in lines} & verdicts.keys())
            counts["int_judged_baskets"] = len(sales)
            going = [each for each in sales if each.bucket == "pending" and not each.drops]
            counts["events"] = len(going)
        return tuple(
            Step(model=name, path=self.texts.path(name), rows=count)
            for name, count in counts.items()
        )

    def _written(self, sales: Sequence[SaleStory]) -> tuple[str, tuple[Written, ...]]:
        """What the ledger has of it; where the build has nothing, by which of its order ids."""
        place = ledger_place(self.built.workspace)
        if not place.exists():
            return "", ()
        events = [each.event_key for each in sales if each.event_key]
        events += filter(None, [self.asked.event])
        keys = [each.sale_key for each in sales if each.sale_key]
        with place.open(clock=time.time) as book:
            if keys or not self.asked.order_id:
                return "", book.history(event_keys=events, sale_keys=keys)
            for order_id in self.asked.order_ids:
                found = order_sales(self.built.workspace, order_id, datasets=book.datasets())
                keys = [each.sale_key for each in found]
                if written := book.history(event_keys=events, sale_keys=keys):
                    return order_id, written
        return "", ()


_TAKEN = (
    *("basket", "source_name", "dataset_id", "event_name", "action_source"),
    *("event_time", "sendable_until", "value", "currency", "lines", "event_key", "sale_key"),
)


def _meant(words: str | None, meanings: dict[str, str]) -> dict[str, str]:
    return {word: meanings.get(word, "") for word in (words or "").split(",") if word}


def _winner(key: str | None, winners: dict[str, Record]) -> Winner | None:
    if key is None:
        return None
    found = winners.get(key, {})
    row_ref = without_addresses(found.get("row_ref", ""))
    return Winner(event_key=key, row_ref=row_ref, bucket=found.get("bucket", ""))

"""The source rows of an order as they are told: where each went, or what kept it from going."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillpost.pipeline.built import Built, Record
from tillpost.pipeline.finding import SourceRows
from tillpost.pipeline.lost import Lost
from tillpost.pipeline.masking import without_addresses
from tillpost.pipeline.model_texts import ModelTexts
from tillpost.pipeline.stories import Drop, SourceRow

SECONDS_PER_DAY = 86400


@dataclass(frozen=True, kw_only=True)
class RowTeller:
    """Tells of rows by the build that stands; ``as_of`` is its clock."""

    built: Built
    texts: ModelTexts
    as_of: int | None

    def read(self, line: Record, lines: Sequence[Record], verdicts: dict[str, Record]) -> SourceRow:
        """A row that was read."""
        verdict = verdicts.get(line["row_ref"])
        bucket = (verdict and verdict["bucket"]) or ""
        drop, winner = None, ""
        if not bucket:
            drop = self._line_drop(line, is_counted=verdict is not None)
        elif bucket == "repeated":
            winner = _newer(line, lines, verdicts)
        return SourceRow(
            row_ref=without_addresses(line["row_ref"]),
            source_name=line["source_name"],
            source_file=line["source_file"],
            event_time=line["event_time"],
            bucket=bucket,
            sale=line["basket"],
            replaced_by=without_addresses(winner),
            drop=drop,
        )

    def _line_drop(self, line: Record, *, is_counted: bool) -> Drop | None:
        """What keeps a row that was read from its bucket."""
        names = {"row_ref": line["row_ref"], "basket": line["basket"]}
        lost = Lost(built=self.built, texts=self.texts, names=names)
        # A row that is counted without a bucket has lost its basket on the way to the events.
        drop = next(iter(lost.drops("events" if is_counted else "int_verdicts")), None)
        return drop and self._scoped(drop, line["source_name"], line["event_time"])

    def unread(self, ref: str, raw: SourceRows) -> SourceRow:
        """A row that no table has."""
        record = raw.records[ref]
        drop = raw.unread[ref]
        return SourceRow(
            row_ref=without_addresses(ref),
            source_name=record["source_name"],
            source_file=record["source_file"],
            event_time=record["event_time"],
            bucket="",
            drop=self._scoped(drop, record["source_name"], record["event_time"]),
        )

    def _scoped(self, drop: Drop, source: str, event_time: int | None) -> Drop:
        """The same, with the edge of the scope where a row lies before it."""
        if self.as_of is None or event_time is None:
            return drop
        project = self.built.workspace.project
        meta = project.sources[source].meta if source in project.sources else {}
        start = self.as_of - int(meta.get("lookback", project.vars["lookback"])) * SECONDS_PER_DAY
        if event_time >= start or drop.why:
            return drop
        return Drop(**{**vars(drop), "scope_start": start})


def _newer(line: Record, lines: Sequence[Record], verdicts: dict[str, Record]) -> str:
    """The row that replaced another: the newer version of the line, or of its whole export."""
    kept = [each for each in lines if verdicts.get(each["row_ref"], {}).get("bucket") != "repeated"]
    same = [each for each in kept if each["line"] == line["line"]]
    same += [
        each
        for each in kept
        if line["exported_order"] and each["exported_order"] == line["exported_order"]
    ]
    return same[0]["row_ref"] if same else ""

"""The tables of the build that stands, asked for the few rows of one order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from tillpost.engines import Engine
from tillpost.errors import UsageError
from tillpost.pipeline.workspace import Workspace

NEEDED = frozenset(
    {"int_lines", "int_verdicts", "int_judged_baskets", "int_basket_verdicts", "int_identities"}
)
WHERE = "the last build"
NEAR = 5
_BETWEEN = "-_ ./#"
Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Built:
    """An open build."""

    workspace: Workspace
    engine: Engine

    def require(self) -> None:
        """Make sure that there is something to ask."""
        missing = sorted(NEEDED - self.engine.relations())
        if missing:
            raise UsageError(
                "nothing was built here yet, or not all of it",
                where=self.workspace.profile.file,
                why=f"missing: {', '.join(missing)}",
                fix="tillpost build",
            )

    def records(self, sql: str) -> list[Record]:
        """The rows of a question, by the names of their columns; it may use the macros."""
        text = self.workspace.compiler.text(sql, path=WHERE)
        return self.plain_records(text)

    def plain_records(self, sql: str) -> list[Record]:
        """The same for SQL that is finished."""
        names, rows = self.engine.query(sql, where=WHERE)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def relation(self, name: str) -> str:
        """A relation of the build, as SQL names it."""
        return self.workspace.relation(name)

    def text(self, value: str) -> str:
        """A text as SQL that a template renders: nothing in it means anything to either."""
        return "{{ " + repr(literal(value)) + " }}"

    def digests(self, values: Iterable[str]) -> str:
        """A list of digests, for `in`; of none, null: `in ()` is DuckDB's alone."""
        # A type is no call that could be carried to another engine.
        kind = self.workspace.compiler.statement("{{ type_digest() }}", path=WHERE)
        return ", ".join(f"cast('{value}' as {kind})" for value in values) or "null"

    def stamp(self) -> Record:
        """Which run built it and by which clock; nothing where a test failed."""
        if "build_stamp" not in self.engine.relations():
            return {}
        sql = f"select run_id, as_of, rules_version from {self.relation('build_stamp')}"
        return next(iter(self.plain_records(sql)), {})

    def of_orders(self, order_ids: Iterable[str]) -> str:
        """The condition that a row is of one of these orders."""
        return f"order_id in ({', '.join(map(self.cleaned, order_ids))})"

    def macro(self, call: str) -> str:
        """What a macro renders to for the engine."""
        return self.workspace.compiler.text(f"{{{{ {call} }}}}", path=WHERE)

    def cleaned(self, value: str) -> str:
        """A text cleaned as the models clean it."""
        return "{{ clean_text(" + repr(literal(value)) + ") }}"

    def lines(self, condition: str) -> list[Record]:
        """Rows that were read, with the basket that each went into."""
        return self.records(
            f"""
            select
                row_ref, cast(row_id as varchar) as row_id, cast(basket as varchar) as basket,
                cast(line as varchar) as line,
                cast(exported_order as varchar) as exported_order, source_name, source_file,
                order_id, event_time, is_recent
            from {self.relation("int_lines")}
            where {condition}
            order by row_ref
            """
        )

    def files(self) -> list[Record]:
        """The CSV files that were read, and how many rows stand before each."""
        return self.plain_records(
            f"select source_name, source_file, rows_before from {self.relation('source_files')}"
        )

    def unreadable(self) -> list[Record]:
        """The CSV lines that do not parse."""
        return self.plain_records(
            f"select source_name, source_file, line from {self.relation('unreadable_lines')}"
            " order by source_file, line"
        )

    def verdicts(self, baskets: Sequence[str]) -> dict[str, Record]:
        """Where each row of these baskets ended, by row ref."""
        found = self.records(
            f"""
            select row_ref, cast(basket as varchar) as basket, bucket
            from {self.relation("int_verdicts")}
            where basket in ({self.digests(baskets)})
            """
        )
        return {each["row_ref"]: each for each in found}

    def sales(self, baskets: Sequence[str], *, times: tuple[int, int] | None) -> list[Record]:
        """These baskets as the models judged them; times leave most of the table unread."""
        chosen = f"basket in ({self.digests(baskets)})"
        # Nothing but numbers.
        during = f" and event_time between {times[0]:d} and {times[1]:d}" if times else ""
        return self.records(
            f"""
            with
                judged as (
                    select *
                    from {self.relation("int_judged_baskets")}
                    where {chosen}{during}
                ),
                verdicts as (
                    select * from {self.relation("int_basket_verdicts")} where {chosen}
                )
            select
                cast(judged.basket as varchar) as basket, judged.first_row_ref as row_ref,
                cast(judged.customer_row_id as varchar) as customer_row_id, judged.source_name,
                judged.dataset_id, judged.event_name, judged.action_source, judged.order_id,
                judged.event_time, judged.sendable_until,
                cast(judged.order_value as varchar) as value, judged.currency, judged.lines,
                judged.problems, coalesce(verdicts.reasons, judged.reasons) as reasons,
                verdicts.bucket, cast(verdicts.event_key as varchar) as event_key,
                cast(coalesce(verdicts.sale_key, judged.sale_key) as varchar) as sale_key,
                cast(verdicts.duplicate_of as varchar) as duplicate_of
            from judged
            left join verdicts on judged.basket = verdicts.basket
            order by judged.first_row_ref
            """
        )

    def identities(self, baskets: Sequence[str]) -> dict[str, Record]:
        """What is sent of the customer of each basket, hashed."""
        found = self.records(
            f"""
            select * from {self.relation("int_identities")}
            where basket in ({self.digests(baskets)})
            """
        )
        return {str(each["basket"]): each for each in found}

    def baskets_of(self, column: str, hashes: Sequence[str]) -> list[str]:
        """The baskets whose customer has one of these hashes in a field."""
        listed = ", ".join(f"'{each}'" for each in hashes)
        several = (column, f"{column}_2", f"{column}_3")
        found = self.records(
            f"select cast(basket as varchar) as basket from {self.relation('int_identities')}"
            f" where {' or '.join(f'{each} in ({listed})' for each in several)}"
        )
        return [each["basket"] for each in found]

    def baskets_of_event(self, event_key: str) -> list[str]:
        """The baskets of an event."""
        found = self.records(
            "select cast(basket as varchar) as basket"
            f" from {self.relation('int_basket_verdicts')}"
            f" where event_key = {self.digests([event_key])}"
        )
        return [each["basket"] for each in found]

    def winners(self, event_keys: Sequence[str]) -> dict[str, Record]:
        """The first row and the bucket of the baskets that stand for duplicates."""
        if not event_keys:
            return {}
        found = self.records(
            f"""
            with
                verdicts as (
                    select basket, event_key, bucket
                    from {self.relation("int_basket_verdicts")}
                    where event_key in ({self.digests(event_keys)}) and duplicate_of is null
                )
            select
                cast(verdicts.event_key as varchar) as event_key,
                verdicts.bucket,
                baskets.first_row_ref as row_ref
            from verdicts
            inner join
                {self.relation("int_judged_baskets")} as baskets
                on verdicts.basket = baskets.basket
            """
        )
        return {each["event_key"]: each for each in found}

    def meanings(self, seed: str, word: str) -> dict[str, str]:
        """What the words of a seed mean."""
        sql = f"select {word} as word, meaning from {self.relation(seed)}"
        return {each["word"]: each["meaning"] for each in self.plain_records(sql)}

    def near(self, order_id: str) -> list[str]:
        """Order ids that differ in case, in signs between, or in zeros before."""
        bare = plain_id(order_id)
        known = "lower(order_id)"
        for sign in _BETWEEN:
            known = f"replace({known}, '{sign}', '')"
        stripped = bare.lstrip("0")
        if not stripped:
            return []
        variants = ", ".join(self.text("0" * zeros + stripped) for zeros in range(9))
        found = self.records(
            f"select distinct order_id from {self.relation('int_judged_baskets')}"
            f" where {known} in ({variants}) order by order_id limit {NEAR}"
        )
        return [each["order_id"] for each in found]


def plain_id(text: str) -> str:
    """An order id without case and signs between."""
    return text.strip().lower().translate(str.maketrans("", "", _BETWEEN))


def literal(value: str, dialect: str = "duckdb") -> str:
    """A text as SQL writes it: models' own SQL, which is carried, or an engine's."""
    return exp.Literal.string(value).sql(dialect=dialect)

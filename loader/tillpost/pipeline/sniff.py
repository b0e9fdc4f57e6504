"""A look at a stranger's file before there is a project: its columns, and what is in some."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tillpost.engines import Engine, ReadsFiles, Row, open_engine
from tillpost.engines.duckdb_files import no_header
from tillpost.project.guess import day_and_clock, guess_columns
from tillpost.project.starter import encoding_option, quoted

MONTHS = 12
LONGEST_MONTH = 31
# Where 03/04 is the fourth of March.
MONTH_FIRST = {"us", "ph", "pw", "fm", "mh"}
# No column is called so: an address, or a number, a date or a phone in any spelling.
_A_VALUE = re.compile(r"[^@]+@[^@]+|[\d\s+():./-]*\d[\d\s+():./-]*")


@dataclass(frozen=True, kw_only=True)
class Sniffed:
    """What a look at a file says: its columns, and whether its dates are day first.

    ``joined`` are the columns that make one of Tillpost's only together, by its name.
    """

    columns: tuple[str, ...]
    day_first: bool = False
    joined: dict[str, tuple[str, str]] = field(default_factory=dict)


def sniff(path: Path, *, country: str | None, encoding: str | None) -> Sniffed:
    """Read the file once: names of columns, and what is in those of times and order ids."""
    file = str(path.resolve()).replace("'", "''")
    is_parquet = path.suffix == ".parquet"
    location = (
        f"read_parquet('{file}')"
        if is_parquet
        else f"read_csv('{file}', all_varchar = true, header = true, ignore_errors = true"
        f"{encoding_option(encoding)})"
    )
    settings = {"type": "duckdb", "path": ":memory:"}
    reads = ((str(path), str(path.resolve())),)
    with open_engine(settings, root=path.parent, where=str(path), reads=reads) as engine:
        columns = engine.columns(location, where=str(path))
        if not is_parquet and isinstance(engine, ReadsFiles):
            engine.scan_csv(location, where="--from")
        found = guess_columns(columns)
        _require_header(columns, found, where=str(path))
        look = _Look(engine=engine, location=location, where=str(path))
        joined = dict(_joined(look, columns, found))
        time = joined.get("event_time", (found.get("event_time"),))[0]
        is_day_first = time is not None and look.is_day_first(time, country)
    return Sniffed(columns=columns, day_first=is_day_first, joined=joined)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """Questions to the file, each answered by a count or two."""

    engine: Engine
    location: str
    where: str

    def ask(self, select: str, names: dict[str, str], *, condition: str = "true") -> Row:
        """One row about some columns, as texts under names of ours."""
        texts = ", ".join(
            f"cast({quoted(each)} as varchar) as {name}" for name, each in names.items()
        )
        sql = f"select {select} from (select {texts} from {self.location}) where {condition}"
        return self.engine.query(sql, where=self.where)[1][0]

    def is_day_first(self, time: str, country: str | None) -> bool:
        """Whether 03/04/2026 begins with the day: by a number over twelve, else by country."""
        first, second = self.ask(
            "max(try_cast(split_part(told, '/', 1) as integer)),"
            " max(try_cast(split_part(told, '/', 2) as integer))",
            {"told": time},
            condition="told like '%/%/%'",
        )
        return _is_day_first(first, second, country)

    def are_day_and_clock(self, day: str, clock: str) -> bool:
        """Whether one has days alone, and the other times of day."""
        filled, good = self.ask(
            "count(clock), count(*) filter (day not like '%:%'"
            r" and regexp_full_match(trim(clock), '\d{1,2}[:.]\d{2}([:.]\d{2})?'))",
            {"day": day, "clock": clock},
        )
        return bool(0 < filled == good)

    def is_in_several(self, order: str, store: str) -> bool:
        """Whether an order id comes in more than one store."""
        (is_in_several,) = self.ask(
            "count(distinct (store, told)) > count(distinct told)",
            {"told": order, "store": store},
            condition="store is not null and told is not null",
        )
        return bool(is_in_several)


def _joined(
    look: _Look, columns: tuple[str, ...], found: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Day and time of day in two columns, and receipts that each store numbers by itself."""
    pair = day_and_clock(columns)
    if pair and found.get("event_time") in pair and look.are_day_and_clock(*pair):
        yield "event_time", pair
    store, order = found.get("store_data"), found.get("order_id")
    if store and order and look.is_in_several(order, store):
        yield "order_id", (store, order)


def _require_header(columns: tuple[str, ...], found: dict[str, str], *, where: str) -> None:
    """Where the first line is a customer, nobody may be told its columns' names."""
    if not found and any(_A_VALUE.fullmatch(column) for column in columns):
        raise no_header(where)


def _is_day_first(first: int | None, second: int | None, country: str | None) -> bool:
    if first is None or second is None or first > LONGEST_MONTH:
        return False
    if max(first, second) > MONTHS:
        return first > MONTHS
    return country is not None and country.lower() not in MONTH_FIRST

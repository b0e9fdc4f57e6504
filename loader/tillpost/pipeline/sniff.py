"""A look at a stranger's file before there is a project: its columns, the order of its dates."""

import re
from dataclasses import dataclass
from pathlib import Path

from tillpost.engines import ReadsFiles, open_engine
from tillpost.engines.duckdb_files import no_header
from tillpost.project.guess import guess_columns

MONTHS = 12
LONGEST_MONTH = 31
# Where 03/04 is the fourth of March.
MONTH_FIRST = {"us", "ph", "pw", "fm", "mh"}
# No column is called so: an address, or a number, a date or a phone in any spelling.
_A_VALUE = re.compile(r"[^@]+@[^@]+|[\d\s+():./-]*\d[\d\s+():./-]*")


@dataclass(frozen=True, kw_only=True)
class Sniffed:
    """What a look at a file says: its columns, and whether its dates are day first."""

    columns: tuple[str, ...]
    day_first: bool = False


def sniff(path: Path, *, country: str | None) -> Sniffed:
    """Read the file once: names of columns, and days and months of its times."""
    quoted = str(path.resolve()).replace("'", "''")
    is_parquet = path.suffix == ".parquet"
    location = (
        f"read_parquet('{quoted}')"
        if is_parquet
        else f"read_csv('{quoted}', all_varchar = true, header = true, ignore_errors = true)"
    )
    settings = {"type": "duckdb", "path": ":memory:"}
    reads = ((str(path), str(path.resolve())),)
    with open_engine(settings, root=path.parent, where=str(path), reads=reads) as engine:
        columns = engine.columns(location, where=str(path))
        if not is_parquet and isinstance(engine, ReadsFiles):
            engine.scan_csv(location, where="--from")
        found = guess_columns(columns)
        _require_header(columns, found, where=str(path))
        time = found.get("event_time")
        if time is None:
            return Sniffed(columns=columns)
        name = '"' + time.replace('"', '""') + '"'
        _, rows = engine.query(
            "select max(try_cast(split_part(cast(written as varchar), '/', 1) as integer)),"
            " max(try_cast(split_part(cast(written as varchar), '/', 2) as integer))"
            f" from (select {name} as written from {location})"
            " where cast(written as varchar) like '%/%/%'",
            where=str(path),
        )
    first, second = rows[0]
    return Sniffed(columns=columns, day_first=_is_day_first(first, second, country))


def _require_header(columns: tuple[str, ...], found: dict[str, str], *, where: str) -> None:
    """Where the first line is a customer, nobody may be told its columns' names."""
    if not found and any(_A_VALUE.fullmatch(column) for column in columns):
        raise no_header(where)


def _is_day_first(first: int | None, second: int | None, country: str | None) -> bool:
    """Whether 03/04/2026 begins with the day: by a number over twelve, else by country."""
    if first is None or second is None or first > LONGEST_MONTH:
        return False
    if max(first, second) > MONTHS:
        return first > MONTHS
    return country is not None and country.lower() not in MONTH_FIRST

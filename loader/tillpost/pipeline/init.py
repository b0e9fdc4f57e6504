"""A new project: everything laid down in a folder, with a source that is the user's own."""

import os
import re
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from tillpost.errors import UsageError, raise_all
from tillpost.pipeline.sniff import Sniffed, sniff
from tillpost.project.folders import PROJECT_FILE
from tillpost.project.guess import for_grain, guess_columns, guess_grain
from tillpost.project.shipped import shipped_files
from tillpost.project.stamp import digest, stamp_of, write_stamp
from tillpost.project.starter import File, project_text, sources_text, staging_text, template
from tillpost.project.zones import zone_errors

GITIGNORE = ".tillpost/\ntarget/\nlogs/\nprofiles.yml\ntillpost_ledger*.duckdb*\ndata/\n"
SAMPLE = "data/sales.csv"
PRIVATE_FILE = 0o600


def init(  # noqa: PLR0913  what the command line may say about the file
    folder: Path,
    *,
    data_file: Path | None,
    grain: str | None,
    time_zone: str,
    currency: str | None,
    country: str | None,
    encoding: str | None,
    now: datetime,
) -> str:
    """Lay down a project and say what was done and what is left to do.

    Raises:
        UsageError: the folder is not empty, or the file cannot be read.
    """
    if folder.exists() and any(each.name != ".git" for each in folder.iterdir()):
        raise UsageError("the folder is not empty", where=str(folder), fix="name a new one")
    raise_all(_option_errors(data_file, time_zone, currency, country))
    day = f"{now.astimezone(UTC) - timedelta(days=1):%Y-%m-%d}"
    sample = template("sales.csv", day=day)
    seen = (
        sniff(data_file, country=country, encoding=encoding)
        if data_file
        else Sniffed(columns=tuple(sample.splitlines()[0].split(",")))
    )
    path = os.path.relpath(data_file, folder) if data_file else SAMPLE
    file = _file(seen, path, grain=grain, encoding=encoding)
    texts = {
        PROJECT_FILE: project_text(),
        ".gitignore": GITIGNORE,
        "models/sources.yml": sources_text(file, time_zone=time_zone),
        "models/staging/stg_sales.sql": staging_text(file, currency=currency),
        "models/intermediate/int_sales.sql": template("int_sales.sql"),
    }
    if data_file is None:
        texts[SAMPLE] = sample
    _lay_down(folder, texts)
    _set_variables(folder / PROJECT_FILE, country=country, day_first=seen.day_first)
    return _words(folder, seen, file, currency=currency)


def _file(seen: Sniffed, path: str, *, grain: str | None, encoding: str | None) -> File:
    found = guess_columns(seen.columns)
    chosen = grain or guess_grain(found)
    return File(
        path=path,
        grain=chosen,
        mapped=for_grain(found, chosen),
        joined=seen.joined,
        encoding=encoding,
    )


def _option_errors(
    data_file: Path | None, time_zone: str, currency: str | None, country: str | None
) -> list[UsageError]:
    errors = zone_errors(time_zone, where="--time-zone")
    if data_file and not data_file.is_file():
        what = "this is a folder" if data_file.is_dir() else "no such file"
        errors.append(UsageError(what, where=str(data_file), fix="--from with one file of yours"))
    if currency and not re.fullmatch(r"[A-Za-z]{3}", currency):
        errors.append(
            UsageError(f'"{currency}" is no currency', where="--currency", fix="three letters: EUR")
        )
    if country and not re.fullmatch(r"[A-Za-z]{2}", country):
        errors.append(
            UsageError(f'"{country}" is no country', where="--country", fix="two letters: DE")
        )
    return errors


def _lay_down(folder: Path, texts: dict[str, str]) -> None:
    shipped = shipped_files()
    own = {name: text.encode() for name, text in texts.items()}
    example = {"profiles.yml": shipped["profiles.example.yml"]}
    for name, content in {**shipped, **example, **own}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    # Secrets belong into the environment, and end up there.
    (folder / "profiles.yml").chmod(PRIVATE_FILE)
    write_stamp(folder, stamp_of({name: digest(content) for name, content in shipped.items()}))


def _set_variables(path: Path, *, country: str | None, day_first: bool) -> None:
    text = path.read_text(encoding="utf-8")
    if country:
        text = text.replace('default_country: ""', f'default_country: "{country.lower()}"')
    if day_first:
        text = text.replace("day_first: false", "day_first: true")
    path.write_text(text, encoding="utf-8")


def _words(folder: Path, seen: Sniffed, file: File, *, currency: str | None) -> str:
    columns: dict[str, tuple[str, ...]] = {
        name: (column,) for name, column in file.mapped.items() if name != "line_no"
    }
    columns |= file.joined
    taken = "\n".join(f"  {' and '.join(each)} → {ours}" for ours, each in columns.items())
    used = {*file.mapped.values(), *chain(*file.joined.values())}
    unused = ", ".join(name for name in seen.columns if name not in used) or "none"
    missing = _missing(file.mapped, grain=file.grain, currency=currency)
    told = f"No column was found for: {missing}. Write it in stg_sales.sql.\n" if missing else ""
    if seen.day_first:
        told += "Dates such as 03/04/2026 are taken day first (vars.day_first).\n"
    if "order_id" in file.joined:
        told += "Stores share receipt numbers, so an order id begins with its store.\n"
    row = "line of a receipt" if file.grain == "line" else "order"
    return f"""A project is in {folder}, a row per {row}. Columns were mapped by their names:
{taken}
Not used: {unused}.
{told}
Look at  models/staging/stg_sales.sql  and  models/sources.yml, then:
  cd {folder}
  tillpost build      what would be sent, and why the rest would not
  tillpost sandbox    in another terminal: an edge to try it on
  tillpost run        build, test and send to it"""


def _missing(mapped: dict[str, str], *, grain: str, currency: str | None) -> str:
    """What a sale cannot go without, as far as nothing was found for it."""
    wanted = ["order_id", "event_time"] + ([] if currency else ["currency"])
    amounts = ("order_total",) if grain == "order" else ("line_total", "unit_price")
    missing = [name for name in wanted if name not in mapped]
    if not mapped.keys() & set(amounts):
        missing.append(" or ".join(amounts))
    return ", ".join(missing)

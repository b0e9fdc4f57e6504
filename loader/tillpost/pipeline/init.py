"""A new project: everything laid down in a folder, with a source that is the user's own."""

import os
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

from tillpost.engines import open_engine
from tillpost.errors import UsageError, raise_all
from tillpost.project.guess import for_grain, guess_columns, guess_grain
from tillpost.project.sources import zone_errors
from tillpost.project.starter import sources_text, staging_text, template, union_text

LAID_DOWN = ("dbt_project.yml", "profiles.example.yml", "models", "macros", "seeds", "tests/sql")
NOT_LAID_DOWN = ("stg_*.sql", "sources.yml", "int_sales.sql", "make_seeds.py", "__pycache__")
GITIGNORE = ".tillpost/\ntarget/\nlogs/\nprofiles.yml\ntillpost_ledger*.duckdb*\ndata/\n"
SAMPLE = "data/sales.csv"


def init(  # noqa: PLR0913  what the command line may say about the file
    folder: Path,
    *,
    data_file: Path | None,
    grain: str | None,
    time_zone: str,
    currency: str | None,
    country: str | None,
    now: datetime,
) -> str:
    """Lay down a project and say what was done and what is left to do.

    Raises:
        UsageError: the folder is not empty, or the file cannot be read.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("the folder is not empty", where=str(folder), fix="name a new one")
    raise_all(_option_errors(data_file, time_zone, currency, country))
    day = f"{now.astimezone(UTC) - timedelta(days=1):%Y-%m-%d}"
    sample = template("sales.csv", day=day)
    columns = _columns(data_file) if data_file else tuple(sample.splitlines()[0].split(","))
    found = guess_columns(columns)
    chosen = grain or guess_grain(found)
    mapped = for_grain(found, chosen)
    path = os.path.relpath(data_file, folder) if data_file else SAMPLE
    texts = {
        ".gitignore": GITIGNORE,
        "models/sources.yml": sources_text(mapped, path=path, grain=chosen, time_zone=time_zone),
        "models/staging/stg_sales.sql": staging_text(mapped, path=path, currency=currency),
        "models/intermediate/int_sales.sql": union_text(),
    }
    if data_file is None:
        texts[SAMPLE] = sample
    _lay_down(folder, texts)
    if country:
        _set_country(folder / "dbt_project.yml", country)
    return _words(folder, columns, mapped, grain=chosen, currency=currency)


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


def _columns(path: Path) -> tuple[str, ...]:
    quoted = str(path.resolve()).replace("'", "''")
    location = (
        f"read_parquet('{quoted}')"
        if path.suffix == ".parquet"
        else f"read_csv('{quoted}', all_varchar = true, header = true, ignore_errors = true)"
    )
    settings = {"type": "duckdb", "path": ":memory:"}
    with open_engine(settings, root=path.parent, where=str(path)) as engine:
        return engine.columns(location, where=str(path))


def _lay_down(folder: Path, texts: dict[str, str]) -> None:
    with as_file(files("tillpost") / "starter") as packaged:
        # A checkout is its own starter.
        root = packaged if packaged.exists() else Path(__file__).parents[3]
        for name in LAID_DOWN:
            source, target = root / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns(*NOT_LAID_DOWN))
            else:
                shutil.copyfile(source, target)
    shutil.copyfile(folder / "profiles.example.yml", folder / "profiles.yml")
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _set_country(path: Path, country: str) -> None:
    text = path.read_text(encoding="utf-8")
    told = f'default_country: "{country.lower()}"'
    path.write_text(text.replace('default_country: ""', told), encoding="utf-8")


def _words(
    folder: Path,
    columns: Iterable[str],
    mapped: dict[str, str],
    *,
    grain: str,
    currency: str | None,
) -> str:
    taken = "\n".join(
        f"  {theirs} → {ours}" for ours, theirs in mapped.items() if ours != "line_no"
    )
    unused = ", ".join(name for name in columns if name not in mapped.values()) or "none"
    given = {*mapped, "currency"} if currency else set(mapped)
    missing = ", ".join(
        name for name in ("order_id", "event_time", "currency") if name not in given
    )
    told = f"No column was found for: {missing}. Write it in stg_sales.sql.\n" if missing else ""
    return f"""A project is in {folder}, a row per {grain}. Columns were mapped by their names:
{taken}
Not used: {unused}.
{told}
Look at  models/staging/stg_sales.sql  and  models/sources.yml, then:
  cd {folder}
  tillpost build      what would be sent, and why the rest would not
  tillpost sandbox    in another terminal: an edge to try it on
  tillpost run        build, test and send to it"""

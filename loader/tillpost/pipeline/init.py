"""A new project: everything laid down in a folder, with a source that is the user's own."""

import os
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

from tillpost.engines import open_engine
from tillpost.errors import UsageError
from tillpost.project.mapping import PERSONAL, for_grain, guess_columns, guess_grain
from tillpost.project.sources import zone_errors

LAID_DOWN = ("dbt_project.yml", "profiles.example.yml", "models", "macros", "seeds", "tests/sql")
NOT_LAID_DOWN = ("stg_*.sql", "sources.yml", "int_sales.sql", "make_seeds.py", "__pycache__")
GITIGNORE = ".tillpost/\ntarget/\nlogs/\nprofiles.yml\ntillpost_ledger*.duckdb*\ndata/\n"
SOURCE = "sales.rows"

# Tillpost's columns in the order of the staging models; what stands where the file has none.
ROW = ("source_name", "source_file", "source_row", "row_key", "line_key", "basket_key", "export_id", "version", "lookback")
SALE = ("dataset_id", "event_name", "action_source", "order_id", "item_number", "event_id", "event_time", "event_source_url", "currency", "order_total")
LINE = ("line_total", "quantity", "unit_price", "item_id", "item_brand", "item_category")


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
    for error in zone_errors(time_zone, where="--time-zone"):
        raise error
    if data_file and not data_file.exists():
        raise UsageError("no such file", where=str(data_file), fix="--from with your own file")
    columns = _columns(data_file) if data_file else tuple(_sample(now).splitlines()[0].split(","))
    found = guess_columns(columns)
    chosen = grain or guess_grain(found)
    mapped = for_grain(found, chosen)
    _lay_down(folder)
    if data_file is None:
        (folder / "data").mkdir()
        (folder / "data" / "sales.csv").write_text(_sample(now), encoding="utf-8")
    path = os.path.relpath(data_file, folder) if data_file else "data/sales.csv"
    is_parquet = path.endswith(".parquet")
    _write(folder, "models/sources.yml", _sources(path, mapped, columns, chosen, time_zone, is_parquet=is_parquet))
    _write(folder, "models/staging/stg_sales.sql", _staging(mapped, currency, is_parquet=is_parquet))
    _write(folder, "models/intermediate/int_sales.sql", _union())
    if country:
        project = folder / "dbt_project.yml"
        text = project.read_text(encoding="utf-8")
        project.write_text(text.replace('default_country: ""', f'default_country: "{country.lower()}"'), encoding="utf-8")
    return _words(folder, columns, mapped, chosen, currency)


def _lay_down(folder: Path) -> None:
    packaged = files("tillpost") / "starter"
    with as_file(packaged) as starter:
        # In a checkout the starter is the checkout itself.
        root = starter if starter.exists() else Path(__file__).parents[3]
        for name in LAID_DOWN:
            source, target = root / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns(*NOT_LAID_DOWN))
            else:
                shutil.copyfile(source, target)
    shutil.copyfile(folder / "profiles.example.yml", folder / "profiles.yml")
    _write(folder, ".gitignore", GITIGNORE)


def _write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _columns(path: Path) -> tuple[str, ...]:
    quoted = str(path).replace("'", "''")
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    options = "" if path.suffix == ".parquet" else ", all_varchar = true, header = true"
    with open_engine({"type": "duckdb", "path": ":memory:"}, root=path.parent, where=str(path)) as engine:
        return engine.columns(f"{reader}('{quoted}'{options})", where=str(path))


def _quoted(column: str) -> str:
    return column if re.fullmatch(r"[a-z_][a-z0-9_]*", column) else '"' + column.replace('"', '""') + '"'


def _sources(  # noqa: PLR0913, PLR0917  the parts of one YAML file
    path: str, mapped: dict[str, str], columns: tuple[str, ...], grain: str, time_zone: str, *, is_parquet: bool
) -> str:
    file = path.replace("'", "''")
    reader = (
        f"read_parquet('{file}', filename = true,\n            file_row_number = true)"
        if is_parquet
        else f"read_csv('{file}', all_varchar = true, header = true,\n"
        "            filename = true, union_by_name = true, ignore_errors = true)"
    )
    keys = [mapped[name] for name in ("order_id", "line_no") if name in mapped]
    line_key = f"          line_key: [{', '.join(_yaml(_quoted(key)) for key in keys)}]\n" if len(keys) == 2 and grain == "line" else ""
    scope = f"          scope_column: {_yaml(_quoted(mapped['event_time']))}\n" if "event_time" in mapped else ""
    tags = "".join(
        f"          - name: {_yaml(mapped[kind])}\n            meta: {{pii: {kind}}}\n"
        for kind in PERSONAL
        if kind in mapped and mapped[kind] in columns
    )
    return f"""version: 2

sources:
  - name: sales
    tables:
      - name: rows
        description: A row per {grain}.
        meta:
          # a path or a glob; relative ones start at this project's folder
          external_location: >-
            {reader}
          # the zone of times that name none
          time_zone: {time_zone}
{scope}{line_key}        columns:
{tags or "          []" + chr(10)}
  - name: tillpost
    description: What the loader hands to the models before a build; empty until then.
    schema: "{{{{ target.schema }}}}"
    tables:
      - name: ledger_snapshot
      - name: unreadable_lines
      - name: source_files
"""


def _yaml(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else "'" + name.replace("'", "''") + "'"


def _staging(mapped: dict[str, str], currency: str | None, *, is_parquet: bool) -> str:
    numbered = "select *, file_row_number + 1 as source_row" if is_parquet else "select *, row_number() over () as source_row"
    expressions = {
        "source_name": f"'{SOURCE}'",
        "source_file": "filename",
        "source_row": "source_row",
        "row_key": f"{{{{ key('{SOURCE}', 'row_key') }}}}",
        "line_key": f"{{{{ key('{SOURCE}', 'line_key') }}}}",
        "basket_key": f"{{{{ key('{SOURCE}', 'basket_key') }}}}",
        "export_id": f"{{{{ export_id('{SOURCE}', 'filename') }}}}",
        "version": f"{{{{ version('{SOURCE}') }}}}",
        "lookback": f"{{{{ lookback('{SOURCE}') }}}}",
        "dataset_id": "'{{ var(\"dataset_id\") }}'",
        "event_name": "'Purchase'",
        "action_source": "'physical_store'",
    }
    if currency:
        expressions["currency"] = f"'{currency.upper()}'"
    for name in (*SALE, *LINE, *PERSONAL):
        if name in mapped:
            expressions[name] = f"cast({_quoted(mapped[name])} as varchar)"
    time = expressions.get("event_time", "cast(null as varchar)").replace("'", "\\'")
    expressions["event_time"] = f"{{{{ read_time('{time}', time_zone('{SOURCE}')) }}}}"
    groups = (("the row", ROW), ("the sale", SALE), ("the line", LINE), ("the customer", PERSONAL))
    lines = []
    for title, names in groups:
        lines.append(f"    -- {title}")
        lines += [f"    {expressions.get(name, 'cast(null as varchar)')} as {name}," for name in names]
    body = "\n".join(lines).removesuffix(",")
    return f"""-- One row per source row: your columns under Tillpost's names. The only place to map them.
with
    rows_of_sales as (
        {numbered}
        from {{{{ source('sales', 'rows') }}}}
    )

select
{body}
from rows_of_sales
where {{{{ in_scope('{SOURCE}') }}}}
"""


def _union() -> str:
    names = ",\n".join(f"    {name}" for name in (*ROW, *SALE, *LINE, *PERSONAL))
    return f"""-- One row per source row: every staging model under one roof. A new one joins with union all.
with sales as (select * from {{{{ ref('stg_sales') }}}})

select
{names}
from sales
"""


def _sample(now: datetime) -> str:
    """Three sales of yesterday, so that a new project has something to run on."""
    day = (now.astimezone(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
    return (
        "order_id,line_no,sold_at,sku,quantity,line_total,currency,email,phone,first_name,last_name,city,zip,country\n"
        f"1001,1,{day} 10:15:00,MUG-1,2,19.90,EUR,ada@example.com,,Ada,Example,Berlin,10115,DE\n"
        f"1001,2,{day} 10:15:00,TEA-7,1,4.50,EUR,ada@example.com,,Ada,Example,Berlin,10115,DE\n"
        f"1002,1,{day} 11:40:00,MUG-1,1,9.95,EUR,grace@example.org,+1 202 555 0143,Grace,Sample,,,US\n"
        f"1003,1,{day} 12:05:00,TEA-7,3,13.50,EUR,,,,,,,\n"
    )


def _words(folder: Path, columns: Iterable[str], mapped: dict[str, str], grain: str, currency: str | None) -> str:
    taken = "\n".join(f"  {theirs} → {ours}" for ours, theirs in mapped.items() if ours != "line_no")
    unused = [column for column in columns if column not in mapped.values()]
    wanted = [name for name in ("order_id", "event_time", "currency") if name not in mapped]
    wanted = [name for name in wanted if name != "currency" or not currency]
    missing = f"\nNo column was found for: {', '.join(wanted)}. Write it in models/staging/stg_sales.sql." if wanted else ""
    return f"""A project is in {folder}, a row per {grain}. Columns were mapped by their names:
{taken}
Not used: {", ".join(unused) or "none"}.{missing}

Look at  models/staging/stg_sales.sql  and  models/sources.yml, then:
  cd {folder}
  tillpost build                 what would be sent, and why the rest would not
  tillpost sandbox               in another terminal: an edge to try it on
  tillpost run                   build, test and send to it"""

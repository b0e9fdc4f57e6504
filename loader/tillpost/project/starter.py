"""The texts of a new project that depend on the user's own file: its source and its staging."""

import re
from importlib.resources import files
from string import Template

from tillpost.project.guess import PERSONAL

SOURCE = "sales.rows"
UNMAPPED = "cast(null as varchar)"
# Tillpost's columns in the order of the staging models.
ROW = {
    "source_name": f"'{SOURCE}'",
    "source_file": "filename",
    "source_row": "source_row",
    "row_key": f"{{{{ key('{SOURCE}', 'row_key') }}}}",
    "line_key": f"{{{{ key('{SOURCE}', 'line_key') }}}}",
    "basket_key": f"{{{{ key('{SOURCE}', 'basket_key') }}}}",
    "export_id": f"{{{{ export_id('{SOURCE}', 'filename') }}}}",
    "version": f"{{{{ version('{SOURCE}') }}}}",
    "lookback": f"{{{{ lookback('{SOURCE}') }}}}",
}
SALE = {
    "dataset_id": "'{{ var(\"dataset_id\") }}'",
    "event_name": "'Purchase'",
    "action_source": "'physical_store'",
    "order_id": UNMAPPED,
    "item_number": UNMAPPED,
    "event_id": UNMAPPED,
    "event_time": UNMAPPED,
    "event_source_url": UNMAPPED,
    "currency": UNMAPPED,
    "order_total": UNMAPPED,
}
LINE = ("line_total", "quantity", "unit_price", "item_id", "item_brand", "item_category")


def template(name: str, **values: str) -> str:
    """One of the package's templates, filled in."""
    text = (files("tillpost") / "templates" / name).read_text(encoding="utf-8")
    return Template(text).substitute(values)


def sources_text(mapped: dict[str, str], *, path: str, grain: str, time_zone: str) -> str:
    """``models/sources.yml`` for one file; ``mapped`` is Tillpost's column names to the file's."""
    file = path.replace("'", "''")
    options = (
        "filename = true, file_row_number = true"
        if _is_parquet(path)
        else "all_varchar = true, header = true, filename = true, union_by_name = true,"
        " ignore_errors = true"
    )
    reader = "read_parquet" if _is_parquet(path) else "read_csv"
    location = f"{reader}('{file}',\n            {options})"
    personal = [(mapped[kind], kind) for kind in PERSONAL if kind in mapped]
    return template(
        "sources.yml",
        grain=grain,
        location=location,
        time_zone=time_zone,
        keys=_keys(mapped, grain),
        columns="\n".join(
            f"          - name: {_yaml(name)}\n            meta: {{pii: {kind}}}"
            for name, kind in personal
        )
        or "          []",
    )


def staging_text(mapped: dict[str, str], *, path: str, currency: str | None) -> str:
    """``stg_sales.sql``: each of Tillpost's columns, from the file where it has it."""
    expressions = ROW | SALE | dict.fromkeys((*LINE, *PERSONAL), UNMAPPED)
    if currency:
        expressions["currency"] = f"'{currency.upper()}'"
    for name, column in mapped.items():
        if name in expressions:
            expressions[name] = f"cast({_quoted(column)} as varchar)"
    time = expressions["event_time"]
    expressions["event_time"] = f"{{{{ read_time('{time}', time_zone('{SOURCE}')) }}}}"
    groups = {"the row": ROW, "the sale": SALE, "the line": LINE, "the customer": PERSONAL}
    lines = []
    for title, names in groups.items():
        lines.append(f"    -- {title}")
        lines += [f"    {expressions[name]} as {name}," for name in names]
    return template(
        "stg_sales.sql",
        row_number="file_row_number + 1" if _is_parquet(path) else "row_number() over ()",
        columns="\n".join(lines).removesuffix(","),
    )


def union_text() -> str:
    """``int_sales.sql``, with one staging model."""
    names = (*ROW, *SALE, *LINE, *PERSONAL)
    return template("int_sales.sql", columns=",\n".join(f"    {name}" for name in names))


def _keys(mapped: dict[str, str], grain: str) -> str:
    """What the source's meta says of its rows, as far as the columns tell."""
    lines = []
    if "event_time" in mapped:
        lines.append(f"scope_column: {_yaml(_quoted(mapped['event_time']))}")
    if grain == "line" and {"order_id", "line_no"} <= mapped.keys():
        keys = ", ".join(_yaml(_quoted(mapped[name])) for name in ("order_id", "line_no"))
        lines.append(f"line_key: [{keys}]")
    return "".join(f"          {line}\n" for line in lines)


def _is_parquet(path: str) -> bool:
    return path.endswith(".parquet")


def _quoted(column: str) -> str:
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", column)
    return column if plain else '"' + column.replace('"', '""') + '"'


def _yaml(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
    return name if plain else "'" + name.replace("'", "''") + "'"

"""The texts of a new project that depend on the user's own file: its source and its staging."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from string import Template
from textwrap import fill

from tillpost.project.folders import PROJECT_FILE
from tillpost.project.guess import CUSTOMER_COLUMNS, kind_of

SOURCE = "sales.rows"
UNMAPPED = "cast(null as varchar)"
_FROM = "{{ source('sales', 'rows') }}"
_JOINTS = {"event_time": ("day_and_time", " "), "order_id": ("store_and_order", "-")}
# What two columns are called together, and what stands between them.
WIDTH = 88
"""Of a line, as sqlfmt has it."""
# Tillpost's columns that every file has something for.
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
    "event_time": f"{{{{ read_time('{UNMAPPED}', time_zone('{SOURCE}')) }}}}",
    "is_date_only": "cast(null as boolean)",
}
SALE_COLUMNS = (
    *("dataset_id", "event_name", "action_source", "order_id", "item_number", "event_id"),
    *("event_time", "is_date_only", "event_source_url", "referrer_url", "messaging_channel"),
    *("currency", "order_total", "net_revenue", "predicted_ltv", "num_items", "content_ids"),
    *("app_data", "original_event_data", "consent", "opt_out", "data_processing_options"),
    *("data_processing_options_country", "data_processing_options_state", "store_data"),
    "custom_properties",
)
LINE_COLUMNS = (
    *("line_total", "quantity", "unit_price", "item_id", "item_title", "item_description"),
    *("item_brand", "item_category", "delivery_category"),
)


@contextmanager
def starter_folder() -> Iterator[Path]:
    """The project that Tillpost comes with: in the wheel, or the checkout itself."""
    with as_file(files("tillpost") / "starter") as packaged:
        yield packaged if packaged.exists() else Path(__file__).parents[3]


def project_text() -> str:
    """``dbt_project.yml``, in which its owner sets the variables."""
    with starter_folder() as folder:
        return (folder / PROJECT_FILE).read_text(encoding="utf-8")


def template(name: str, **values: str) -> str:
    """One of the package's templates, filled in."""
    text = (files("tillpost") / "templates" / name).read_text(encoding="utf-8")
    return Template(text).substitute(values)


@dataclass(frozen=True, kw_only=True)
class File:
    """A file of the user's, and what its columns are.

    ``mapped`` is Tillpost's column names to the file's; ``joined`` are Tillpost's that two of the
    file's make only together; ``grain`` is what a row is.
    """

    path: str
    grain: str
    mapped: dict[str, str]
    joined: dict[str, tuple[str, str]] = field(default_factory=dict)
    encoding: str | None = None

    @property
    def is_parquet(self) -> bool:
        """Whether it is no CSV."""
        return self.path.endswith(".parquet")


def sources_text(file: File, *, time_zone: str) -> str:
    """``models/sources.yml`` for one file."""
    path = file.path.replace("'", "''")
    options = (
        "filename = true, file_row_number = true"
        if file.is_parquet
        else "all_varchar = true, header = true, filename = true, union_by_name = true,"
        f" ignore_errors = true{encoding_option(file.encoding)}"
    )
    reader = "read_parquet" if file.is_parquet else "read_csv"
    location = f"{reader}('{path}',\n            {options})"
    mapped = file.mapped
    personal = [(mapped[name], kind_of(name)) for name in CUSTOMER_COLUMNS if name in mapped]
    return template(
        "sources.yml",
        grain=file.grain,
        location=location,
        time_zone=time_zone,
        keys=_keys(file),
        columns="\n".join(
            f"          - name: {_yaml(name)}\n            meta: {{pii: {kind}}}"
            for name, kind in personal
        )
        or "          []",
    )


def encoding_option(encoding: str | None) -> str:
    """What a call that reads CSV is told of another encoding than UTF-8."""
    return f", encoding = '{encoding}'" if encoding else ""


def staging_text(file: File, *, currency: str | None) -> str:
    """``stg_sales.sql``: each of Tillpost's columns, from the file where it has it."""
    given = ROW | SALE
    if currency:
        given["currency"] = f"'{currency.upper()}'"
    mapped = file.mapped | {name: _JOINTS[name][0] for name in file.joined}
    given |= {name: f"cast({quoted(column)} as varchar)" for name, column in mapped.items()}
    if "event_time" in mapped:
        time = given["event_time"]
        given["event_time"] = f"{{{{ read_time('{time}', time_zone('{SOURCE}')) }}}}"
        given["is_date_only"] = f"{{{{ is_date_only('{time}') }}}}"
    if "store_data" in mapped:
        given["store_data"] = f"{{{{ store_data(store_code='{given['store_data']}') }}}}"
    return template(
        "stg_sales.sql",
        rows=_rows(file),
        row=_columns(tuple(ROW), given),
        sale=_columns(SALE_COLUMNS, given),
        line=_columns(LINE_COLUMNS, given),
        customer=_columns(CUSTOMER_COLUMNS, given).removesuffix(","),
    )


def _rows(file: File) -> str:
    """What staging reads: a row's columns, its number, and what two columns make together."""
    number = "file_row_number + 1" if file.is_parquet else "row_number() over ()"
    if not file.joined:
        return f"        select *, {number} as source_row from {_FROM}"
    items = ["*", f"{number} as source_row"]
    for name, columns in file.joined.items():
        alias, sign = _JOINTS[name]
        item = f" || '{sign}' || ".join(f"cast({quoted(each)} as varchar)" for each in columns)
        is_long = len(f"            {item} as {alias},") > WIDTH
        items.append(
            (item.replace(" || ", "\n            || ") if is_long else item) + f" as {alias}"
        )
    listed = ",\n".join(f"            {item}" for item in items)
    return f"        select\n{listed}\n        from {_FROM}"


def _columns(names: tuple[str, ...], given: dict[str, str]) -> str:
    """One part of a staging model: what the file has, then what it has not."""
    lines = [_column(name, given[name]) for name in names if name in given]
    missing = [name for name in names if name not in given]
    if missing:
        lines.append(f"{unmapped_text(missing)},")
    return "\n".join(lines)


def unmapped_text(names: Iterable[str]) -> str:
    """The item of a staging model for the columns that the source does not have."""
    quoted = ", ".join(f"'{name}'" for name in names)
    words = fill(quoted, 84, initial_indent=" " * 8, subsequent_indent=" " * 8)
    return f"    {{{{ unmapped(\n{words},\n    ) }}}}"


def _column(name: str, expression: str) -> str:
    """One line, or two, where sqlfmt would make two of it."""
    line = f"    {expression} as {name},"
    if expression.startswith("{{") and len(line) > WIDTH:
        return f"    {expression}\n    as {name},"
    if len(line) > WIDTH:
        value, _, _ = expression.removeprefix("cast(").rpartition(" as ")
        return f"    cast(\n        {value} as varchar\n    ) as {name},"
    return line


def _keys(file: File) -> str:
    """What the source's meta says of its rows, as far as the columns tell."""
    lines, mapped = [], file.mapped
    if "event_time" in mapped:
        day = file.joined.get("event_time", (mapped["event_time"],))[0]
        lines.append(f"scope_column: {_yaml(quoted(day))}")
    if file.grain == "line" and {"order_id", "line_no"} <= mapped.keys():
        columns = (*file.joined.get("order_id", (mapped["order_id"],)), mapped["line_no"])
        keys = ", ".join(_yaml(quoted(each)) for each in columns)
        lines.append(f"line_key: [{keys}]")
    return "".join(f"          {line}\n" for line in lines)


def quoted(column: str) -> str:
    """A column as SQL names it."""
    is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", column) and column != "order"
    return column if is_plain else '"' + column.replace('"', '""') + '"'


def _yaml(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
    return name if plain else "'" + name.replace("'", "''") + "'"

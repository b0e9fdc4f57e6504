"""One project over a table of a warehouse, with a target for each engine."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from project_harness import PARTS, ROOT

COLUMNS = (
    *("line_no", "receipt", "sold_at", "article", "quantity", "total", "currency"),
    *("email", "phone", "first_name", "last_name", "city", "zip", "country"),
)
RAW = f"create table till.lines ({', '.join(f'{name} varchar' for name in COLUMNS)})"
STAGING = """\
-- One row per line of a receipt, from a table of the warehouse.
with lines as (select * from {{ source('till', 'lines') }})

select
    'till.lines' as source_name,
    cast(null as varchar) as source_file,
    cast(null as bigint) as source_row,
    {{ key('till.lines', 'row_key') }} as row_key,
    {{ key('till.lines', 'line_key') }} as line_key,
    {{ key('till.lines', 'basket_key') }} as basket_key,
    cast(null as varchar) as export_id,
    {{ version('till.lines') }} as version,
    {{ lookback('till.lines') }} as lookback,
    '{{ var("dataset_id") }}' as dataset_id,
    'Purchase' as event_name,
    'physical_store' as action_source,
    receipt as order_id,
    {{ read_time('sold_at', time_zone('till.lines')) }} as event_time,
    {{ is_date_only('sold_at') }} as is_date_only,
    currency,
    {{ unmapped(
        'item_number', 'event_id', 'event_source_url', 'referrer_url', 'messaging_channel',
        'order_total', 'net_revenue', 'predicted_ltv', 'num_items', 'content_ids', 'app_data',
        'original_event_data', 'consent', 'opt_out', 'data_processing_options',
        'data_processing_options_country', 'data_processing_options_state', 'store_data',
        'custom_properties',
    ) }},
    total as line_total,
    quantity,
    {{ unmapped('unit_price') }},
    article as item_id,
    {{ unmapped('item_title', 'item_description', 'item_brand', 'item_category') }},
    {{ unmapped('delivery_category') }},
    email,
    {{ unmapped('email_2', 'email_3') }},
    phone,
    {{ unmapped('phone_2', 'phone_3') }},
    first_name as fn,
    last_name as ln,
    {{ unmapped('gen', 'db') }},
    city as ct,
    {{ unmapped('st') }},
    zip,
    country,
    {{ unmapped(
        'external_id', 'external_id_2', 'external_id_3', 'madid', 'lead_id',
        'client_ip_address', 'client_user_agent', 'user_keys',
    ) }}
from lines
"""
PERSONAL = {
    "email": "email",
    "phone": "phone",
    "first_name": "fn",
    "last_name": "ln",
    "city": "ct",
    "zip": "zip",
    "country": "country",
}
SOURCE = {
    "name": "till",
    "tables": [
        {
            "name": "lines",
            "schema": "till",
            "meta": {
                "row_key": ["receipt", "line_no"],
                "line_key": ["receipt", "line_no"],
                "time_zone": "Europe/Berlin",
            },
            "columns": [{"name": name, "meta": {"pii": kind}} for name, kind in PERSONAL.items()],
        }
    ],
}


def make_project(folder: Path, outputs: dict[str, dict[str, object]]) -> Path:
    """Lay the repository's project down over `till.lines`; the outputs are its targets."""
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        copy(ROOT / part, folder / part)
    models = folder / "models"
    for old in (models / "staging").iterdir():
        old.unlink()
    (models / "staging" / "stg_lines.sql").write_text(STAGING)
    (models / "intermediate" / "int_sales.sql").write_text(
        "select {{ sale_columns() }}, {{ customer_columns() }} from {{ ref('stg_lines') }}"
    )
    ours = yaml.safe_load((models / "sources.yml").read_text())["sources"][-1]
    (models / "sources.yml").write_text(yaml.safe_dump({"version": 2, "sources": [SOURCE, ours]}))
    profile = {"tillpost": {"target": next(iter(outputs)), "outputs": outputs}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
    return folder


def edge(address: str) -> dict[str, object]:
    """The edge block of a target that sends to a sandbox."""
    return {"graph_url": address, "version": "v26.0", "access_token": "sandbox"}


def lines(receipts: int, *, first: int = 0) -> list[tuple[str | None, ...]]:
    """Two lines a receipt, of the last days; one receipt in ten says too little of its customer."""
    now = datetime.now(UTC)
    rows: list[tuple[str | None, ...]] = []
    for number in range(first, first + receipts):
        sold_at = f"{now - timedelta(hours=3 + number % 900):%Y-%m-%d %H:%M:%S}"
        known = number % 10 > 0
        rows += [
            (
                *(str(line), f"R-{number}", sold_at, f"ART-{line}", "1", f"{number % 50}.5{line}"),
                "EUR",
                f" Customer.{number}@Example.com" if known else None,
                f"0171 {number:07d}" if known and number % 3 else None,
                ("Jürgen", "Zoë", "O'Neil")[number % 3] if known else None,
                "Müller" if known else None,
                ("Köln", "San José")[number % 2] if known else None,
                f"{10000 + number % 900}" if known else None,
                "Deutschland",
            )
            for line in (1, 2)
        ]
    return rows

"""Every text that reaches the payload gets there as it is, whatever it holds."""

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from project_harness import Table, build, make_project, query

AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOSTILE = (
    'say "hello"',
    r"back\slash \" \u0041",
    "tab\tline\nreturn\rbell\x07escape\x1bdelete\x7f",
    "null-like null NaN \ufeff",
    "</script><!-- ' -- ; drop table",
    "emoji 🧾👩‍👩‍👧 and 中文 and \u2028 and \U0010ffff",
    "right to left \u202eabc\u200f עברית",
    "nothing\x00behind it",
    "{},[]:",
    "long " + "é🧾x" * 12_000,
)
# Where each column ends in an event; its own texts are quoted by the macros that take them.
TEXTS: dict[str, tuple[str | int, ...]] = {
    "event_name": ("event_name",),
    "event_id": ("event_id",),
    "event_source_url": ("event_source_url",),
    "referrer_url": ("referrer_url",),
    "client_user_agent": ("user_data", "client_user_agent"),
    "order_id": ("custom_data", "order_id"),
    "item_number": ("custom_data", "item_number"),
    "tier": ("custom_data", "tier"),
    "store": ("custom_data", "store_data", "store_code"),
    "lead": ("original_event_data", "event_id"),
    "device": ("app_data", "extinfo", 5),
    "referrer": ("app_data", "install_referrer"),
    "item_id": ("custom_data", "contents", 0, "id"),
    "item_title": ("custom_data", "contents", 0, "title"),
    "item_description": ("custom_data", "contents", 0, "description"),
    "item_brand": ("custom_data", "contents", 0, "brand"),
    "item_category": ("custom_data", "contents", 0, "category"),
}
MAPPING = {
    "custom_properties": "{{ custom_properties(tier='tier') }}",
    "store_data": "{{ store_data(store_code='store') }}",
    "original_event_data": "{{ original_event_data(event_id='lead') }}",
    "app_data": """{{ app_data(
        extinfo=extinfo(kind="'a2'", device='device'), install_referrer='referrer'
    ) }}""",
}
SALE = {
    "event_time": "2026-11-20 10:00:00",
    "line_total": "5.00",
    "currency": "EUR",
    "email": "a@b.co",
}


def text_table(texts: Sequence[str], *, kind: str) -> Table:
    """A row for each text, which stands in every column."""
    file = io.StringIO()
    writer = csv.DictWriter(file, [*TEXTS, *SALE], lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict.fromkeys(TEXTS, text) | SALE for text in texts)
    return Table(name="odd.lines", files={"odd": file.getvalue()}, kind=kind, mapping=MAPPING)


def events_of(project: Path) -> list[dict[str, Any]]:
    return [json.loads(payload) for (payload,) in query(project, "select payload from events")]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_every_text_reaches_the_payload_as_it_is(tmp_path: Path, kind: str) -> None:
    project = make_project(tmp_path, [text_table(HOSTILE, kind=kind)])
    build(project, now=AS_OF, send_store_data=True).require_success()
    events = events_of(project)
    assert Counter(event["event_name"] for event in events) == Counter(HOSTILE)
    for event in events:
        found = {name: value_at(event, path) for name, path in TEXTS.items()}
        assert found == dict.fromkeys(TEXTS, event["event_name"])


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_text_of_a_megabyte_does_no_harm(tmp_path: Path, kind: str) -> None:
    long = "é🧾x" * 150_000
    table = text_table(["short"], kind=kind)
    texts = {name: text.replace("short", long, 1) for name, text in table.files.items()}
    project = make_project(tmp_path, [replace(table, files=texts)])
    build(project, now=AS_OF).require_success()
    assert [event["event_name"] for event in events_of(project)] == [long]


def test_half_a_character_makes_one_line_unreadable(tmp_path: Path) -> None:
    project = make_project(tmp_path, [text_table(["before", "half", "behind"], kind="csv")])
    path = project / "data" / "odd.lines" / "odd.csv"
    path.write_bytes(path.read_bytes().replace(b"half", b"\xed\xa0\x80"))
    build(project, now=AS_OF).require_success()
    assert {event["event_name"] for event in events_of(project)} == {"before", "behind"}
    assert query(project, "select line from unreadable_lines") == [(3,)]


def value_at(value: Any, path: Sequence[str | int]) -> object:  # noqa: ANN401  JSON of any shape
    for step in path:
        value = value[step]
    return value

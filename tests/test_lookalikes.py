"""Columns that look personal and have no tag are told of; what a till has ordinarily is not."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privacy_project import workspace
from project_harness import Table, build, make_project, tillpost
from tillpost.errors import CheckFailed, UsageError
from tillpost.pipeline.evidence import project_evidence
from tillpost.pipeline.lookalikes import Lookalike
from tillpost.pipeline.proofs import require_proof
from tillpost.report import build_words

AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROWS = 60
# A name of a column, and the kind that it says.
NAMES = {
    "cust_email2": "email",
    "CustomerEmail": "email",
    "e_mail": "email",
    "email_address": "email",
    "billing_phone": "phone",
    "telefon_2": "phone",
    "kunden_plz": "zip",
    "nachname": "ln",
    "customer_name": "fn",
    "geburtsdatum": "db",
    "customer_city": "ct",
    "shipping_country": "country",
    "loyalty_no": "external_id",
    "ip_address": "client_ip_address",
}
ORDINARY = (
    *("order_id", "receipt_no", "line_no", "ln", "city", "state", "country", "region", "mobile"),
    *("is_mobile", "store_city", "store_phone", "shop_email", "supplier_email", "headphone"),
    *("email_opt_in", "email_hash", "product_name", "item_title", "first", "last", "client_id"),
    *("card_no", "cashier_no", "filename", "exported_at", "order_state", "ph", "db", "channel"),
)


def _luhn(number: str) -> str:
    """The number with the digit that makes it a card's."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[::2]]
    return f"{number}{-(sum(doubled) + sum(digits[1::2])) % 10}"


# By column: the value in each row, and the kind that it must be taken for.
CONTENTS: dict[str, tuple[Callable[[int], str], str]] = {
    "reference": (lambda row: f"jane.{row}@example.com", "email"),
    "remark": (lambda row: f"call anna{row}@example.org" if row % 9 == 0 else "gift", "email"),
    "contact": (lambda row: f"+49 171 55500{row:02}" if row % 2 else "", "phone"),
    "dial": (lambda row: f"(0171) 5550{row:03}", "phone"),
    "paid_with": (lambda row: _luhn(f"411111{row:09}"), "card"),
    "paid_by": (lambda row: f"5500 0000 {_luhn(f'55000000{row:07}')[8:12]} 0000", ""),
    "voucher": (lambda row: f"49171{row:07}", ""),
    "barcode": (lambda row: f"40123{row * 7919:08}", ""),
    "own_address": (lambda _: "shop@example.com", ""),
    "odd": (lambda row: "jane@example.com" if row < 2 else f"A-{row}", ""),
    "moment": (lambda row: f"2026-11-{1 + row % 20:02} 10:{row:02}:00", ""),
}
# Columns of Tillpost's that these can be read into, one each.
READ_AS = (
    *("item_title", "item_description", "item_brand", "item_category", "delivery_category"),
    *("referrer_url", "event_source_url", "item_id", "messaging_channel", "content_ids"),
    "net_revenue",
)


def _sales(order_id: Callable[[int], str]) -> Table:
    columns = ("order_id", "event_time", "order_total", "currency", "email", *CONTENTS)
    lines = [",".join(columns)]
    for row in range(ROWS):
        moment = f"{AS_OF - timedelta(hours=30 + row):%Y-%m-%d %H:%M:%S}"
        sale = (order_id(row), moment, "9.90", "EUR", f"guest{row}@example.net")
        lines.append(",".join([*sale, *(value(row) for value, _ in CONTENTS.values())]))
    return Table(
        name="till.sales",
        files={"sales": "\n".join(lines) + "\n"},
        meta={"scope_column": "event_time"},
        mapping=dict(zip(READ_AS, CONTENTS, strict=True)),
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = _sales(lambda row: f"{4917155500000 + row}")
    folder = tmp_path_factory.mktemp("lookalikes")
    return make_project(folder, [table], edge_url="http://127.0.0.1:9")


def _told(found: tuple[Lookalike, ...]) -> set[tuple[str, str]]:
    return {(each.column, each.kind) for each in found}


def _reading(column: str) -> dict[str, str]:
    return {"stg_more": f"select id, \"{column}\" from {{{{ source('shop', 'customers') }}}}\n"}


def test_a_name_that_says_personal_data_is_told_of() -> None:
    for name, kind in NAMES.items():
        (found,) = project_evidence(workspace(_reading(name))).lookalikes
        assert (found.source, found.column, found.kind) == ("shop.customers", name.lower(), kind)


def test_a_name_that_tills_have_ordinarily_is_not() -> None:
    columns = ", ".join(ORDINARY)
    models = {"stg_more": f"select {columns} from {{{{ source('shop', 'customers') }}}}\n"}
    assert project_evidence(workspace(models)).lookalikes == ()


def test_only_what_models_read_counts() -> None:
    models = {
        "stg_all": "select * from {{ source('shop', 'customers') }}\n",
        "stg_more": "select id, cust_email2 from {{ ref('stg_all') }}\n",
        "stg_made": "select id as work_email from {{ source('shop', 'orders') }}\n",
    }
    assert _told(project_evidence(workspace(models)).lookalikes) == {("cust_email2", "email")}


def test_strict_refuses_a_name_before_anything_is_read() -> None:
    opened = workspace(_reading("cust_email2"))
    opened.project.vars["strict_privacy"] = True
    try:
        with pytest.raises(UsageError) as refused:
            require_proof(opened)
    finally:
        del opened.project.vars["strict_privacy"]
    assert str(refused.value) == (
        "models/sources.yml  shop.customers.cust_email2 has no tag, and its name says"
        " an e-mail address\n"
        "  vars.strict_privacy is true\n"
        "  try: tag cust_email2 in sources.yml (meta: {pii: email}),"
        " or say there {pii: false}"
    )


def test_what_stands_in_a_column_is_told_of(project: Path) -> None:
    summary = build(project, now=AS_OF)
    assert _told(summary.lookalikes) == {
        (column, kind) for column, (_, kind) in CONTENTS.items() if kind
    }
    words = build_words(summary)
    written = next((project / ".tillpost" / "runs").glob("*/build.json")).read_text("utf-8")
    for each in summary.lookalikes:
        assert words.count(f"warning: {each}\n") == 1
    assert f"till.sales.reference has no tag, and {ROWS} of {ROWS} values" in words
    assert len(json.loads(written)["lookalikes"]) == len(summary.lookalikes)
    for value, kind in CONTENTS.values():
        assert not kind or (value(9) not in words and value(9) not in written)


def test_strict_keeps_such_a_build_from_being_sent(project: Path) -> None:
    summary = build(project, now=AS_OF, strict_privacy=True)
    with pytest.raises(CheckFailed, match="5 columns look personal and have no tag") as failed:
        summary.require_success()
    assert failed.value.exit_code == 1
    assert "till.sales.paid_with" in str(failed.value)
    sent = tillpost(project, "send")
    assert sent.returncode == 2
    assert "there is no build that may be sent" in sent.stderr


def test_a_project_says_what_is_not_personal(project: Path) -> None:
    path = project / "models" / "sources.yml"
    text = path.read_text(encoding="utf-8")
    told = [column for column, (_, kind) in CONTENTS.items() if kind]
    for column in told:
        assert f"name: {column}\n" not in text
    said = "".join(f"    - name: {name}\n      meta: {{pii: false}}\n" for name in told)
    path.write_text(text.replace("columns:\n", f"columns:\n{said}", 1), encoding="utf-8")
    try:
        assert build(project, now=AS_OF, strict_privacy=True).lookalikes == ()
    finally:
        path.write_text(text, encoding="utf-8")


def test_an_order_id_that_looks_personal_only_once_it_is_made_is_told_of(tmp_path: Path) -> None:
    table = _sales(lambda row: f"till 7|+49 171 55500{row:02}")
    mapping = {**table.mapping, "order_id": "split_part(order_id, '|', 2)"}
    made = make_project(tmp_path, [replace(table, mapping=mapping)])
    (found,) = [each for each in build(made, now=AS_OF).lookalikes if each.is_built]
    assert str(found) == (
        f"order_id as it is made of till.sales: {ROWS} of {ROWS} values looked at"
        " are like a phone number"
    )

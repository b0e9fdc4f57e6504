"""The example retailer: what the generator writes is repeatable, whole, and as dirty as it says."""

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
AS_OF = "2026-11-23T12:00:00Z"
LINES = 6000
EXPORTS = ("tills_2026-11-17.csv", "tills_2026-11-20.csv", "tills_2026-11-23.csv")

RATES = runpy.run_path(str(EXAMPLES / "generator" / "rates.py"))
SINGLE_RATES = ("ANONYMOUS_RECEIPTS", "WEIGHED_LINES", "OTHER_SCRIPT_NAMES", "BROKEN_LINES")
KINDS = {
    *(name.lower() for name in SINGLE_RATES),
    *RATES["RECEIPT_MISHAPS"],
    *RATES["CONTACT_FLAWS"],
    *RATES["WEB_FLAWS"],
}

# A till line knows its file, its time in UTC where it can be read, and its order's id.
VIEWS = """
create table lines as
select
    tills.*,
    time_zone,
    stores.currency as store_currency,
    try_cast(sold_at as timestamp) at time zone time_zone as moment,
    tills.store_id || '-' || left(sold_at, 4) || '-' || nullif(receipt_no, '') as order_id
from read_csv(
    $tills, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"',
    filename = true, nullstr = '', auto_detect = false, columns = $columns,
    store_rejects = true, allow_quoted_nulls = false
) as tills
left join read_csv($stores, all_varchar = true) as stores using (store_id);
"""

# Each finds the rows with one kind of dirt.
FOUND_BY = {
    "anonymous_receipts": "from lines where customer_no is null",
    "weighed_lines": "from lines where quantity similar to '[0-9]+[.][0-9]+'",
    "other_script_names": r"""from lines
        where regexp_matches(last_name, '[\p{Greek}\p{Cyrillic}\p{Han}\p{Hangul}\p{Arabic}]')""",
    "broken_lines": "from reject_errors",
    "edited": """from lines as old inner join lines as new using (order_id, line_no)
        where old.exported_at < new.exported_at
        and try_cast(old.unit_price as decimal) > try_cast(new.unit_price as decimal)""",
    "return_line": """from (select order_id from lines group by order_id
        having bool_or(line_total like '-%' and quantity like '-%')
        and bool_or(quantity not like '-%'))""",
    "whole_refund": """from (select order_id from lines group by order_id
        having bool_and(line_total like '-%' and quantity like '-%'))""",
    "discount_line": "from lines where article_no is null and line_total like '-%'",
    "zero_value": """from (select order_id from lines group by order_id
        having bool_and(line_total = '0.00'))""",
    "future_time": "from lines where moment > $as_of::timestamptz",
    "unreadable_time": "from lines where moment is null and sold_at is not null",
    "text_for_number": "from lines where line_total similar to '-?[0-9]+,[0-9]{2} or so'",
    "no_receipt_no": "from lines where receipt_no is null",
    "lower_case_currency": "from lines where currency = lower(store_currency)",
    "wrong_currency": """from lines where currency is null
        or upper(currency) not in ('EUR', 'USD', 'GBP')""",
    "mixed_currencies": """from (select order_id from lines group by order_id
        having count(distinct currency) > 1)""",
    "late_customer": """from (select order_id from lines group by order_id
        having count(customer_no) between 1 and count(*) - 1)""",
    "blank_field": "from lines where customer_no is not null and email is null",
    "placeholder": """from lines where email in ('n/a', '-', 'unknown', 'test@test.com')
        and exists (from lines where phone = '0000000000')""",
    "upper_case_email": "from lines where email = upper(email) and email like '%@%'",
    "padded_email": "from lines where email <> trim(email)",
    "two_emails": "from lines where email like '%@%; %@%'",
    "country_name": "from lines where country in ('Deutschland', 'Germany')",
    "country_alpha3": "from lines where country = 'USA'",
    "gender_word": "from lines where gender in ('Frau', 'Mr')",
    "local_birth_date": """from lines where birth_date like '%.%.%'
        and exists (from lines where birth_date like '%/%/%')""",
    "untidy_postal_code": "from lines where postal_code similar to '[0-9]{5}-[0-9]{4}'",
    "click_and_collect": """from web inner join lines using (order_id)
        where moment - ordered_at between interval 200 seconds and interval 900 seconds""",
    "website_without_browser": """from web where channel = 'website'
        and user_agent is null and page_url is null""",
    "zeroed_mobile_ad_id": """from web
        where mobile_ad_id = '00000000-0000-0000-0000-000000000000'""",
    "bad_lead_no": "from web where not regexp_full_match(lead_no, '[0-9]{15,16}')",
    "bad_web_currency": "from web where currency not in ('EUR', 'USD', 'GBP', 'SEK')",
    "bad_birth_date": "from web where year(birth_date) not between 1900 and 2026",
}

PHONE_STYLES = (
    r"0\d+ \d+",
    r"\+\d+",
    r"00\d+",
    r"\+\d+ \d+ \d+ \d+",
    r"0\d+\.\d+\.\d+",
    r"0\d+-\d+-\d+",
    r"\(0\d+\) \d+",
    r"\+\d+ \(0\)\d+ \d+",
    r"\+\d+ \d+ \d+ ext\. 12",
    r"tel:\+\d+-\d+-\d+-\d+",
)


def make(folder: Path, *, seed: int = 7, lines: int = LINES) -> Path:
    words = [str(EXAMPLES / "make_data.py"), "--out", str(folder), "--as-of", AS_OF]
    words += ["--seed", str(seed), "--lines", str(lines)]
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def database(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    header = (data / EXPORTS[0]).read_text(encoding="utf-8").split("\n", 1)[0]
    with duckdb.connect() as connection:
        connection.execute(
            VIEWS,
            {
                "tills": [str(data / name) for name in EXPORTS],
                "columns": dict.fromkeys(header.split(","), "varchar"),
                "stores": str(data / "stores.csv"),
            },
        )
        connection.read_parquet(str(data / "web_orders.parquet")).create("web")
        yield connection


def number(database: duckdb.DuckDBPyConnection, query: str) -> float:
    values = {"as_of": AS_OF} if "$as_of" in query else {}
    row = database.execute(query, values).fetchone()
    assert row is not None
    return float(row[0])


def test_same_seed_same_bytes(data: Path, tmp_path: Path) -> None:
    assert contents(make(tmp_path / "again")) == contents(data)


def test_exports_of_another_day_are_replaced(data: Path, tmp_path: Path) -> None:
    (tmp_path / "tills_2026-11-01.csv").touch()
    assert contents(make(tmp_path)).keys() == contents(data).keys()


def test_another_seed_is_another_retailer(data: Path, tmp_path: Path) -> None:
    other = contents(make(tmp_path / "other", seed=8))
    same = {name for name, content in contents(data).items() if other[name] == content}
    assert same == {"stores.csv"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_dirt_is_there(database: duckdb.DuckDBPyConnection, kind: str) -> None:
    assert number(database, f"select count(*) {FOUND_BY[kind]}") > 0


def test_readme_tells_of_every_kind() -> None:
    _, dirt = (EXAMPLES / "README.md").read_text(encoding="utf-8").split("## The dirt")
    told = re.findall(r"^\| `(\w+)` \|", dirt, flags=re.MULTILINE)
    assert sorted(told) == sorted(KINDS)


@pytest.mark.parametrize("style", PHONE_STYLES)
def test_phones_are_written_in_every_style(database: duckdb.DuckDBPyConnection, style: str) -> None:
    found = database.execute("select 1 from lines where regexp_full_match(phone, ?)", [style])
    assert found.fetchone() is not None


def test_distinct_lines_are_as_many_as_asked_for(database: duckdb.DuckDBPyConnection) -> None:
    keys = "store_id, till_no, receipt_no, line_no, sold_at"
    distinct = number(database, f"select count(*) from (select distinct {keys} from lines)")
    assert distinct == LINES


def test_more_than_half_is_history(database: duckdb.DuckDBPyConnection) -> None:
    old = "moment < $as_of::timestamptz - interval 63 days"
    query = f"select count(*) filter ({old}) / count(*) from lines where filename like '%-17.csv'"
    assert number(database, query) > 0.55
    history = number(database, f"select count(*) from lines where {old}")
    assert history == pytest.approx(LINES * 0.55, rel=0.01)


def test_last_week_is_well_filled(database: duckdb.DuckDBPyConnection) -> None:
    week = "moment between $as_of::timestamptz - interval 7 days and $as_of::timestamptz"
    recent = number(
        database,
        f"select count(distinct (order_id, line_no)) from lines where {week}",
    )
    assert recent > LINES * 0.1


def test_later_exports_tell_thirty_days_again(database: duckdb.DuckDBPyConnection) -> None:
    query = """select max(exported_at::timestamptz - moment) < interval 31 days from lines
        where filename not like '%-17.csv'"""
    assert number(database, query) == 1
    thrice = """select count(*) from (select order_id, line_no from lines
        group by order_id, line_no having count(distinct filename) = 3)"""
    assert number(database, thrice) > LINES * 0.1


def test_numbers_restart_every_year(database: duckdb.DuckDBPyConnection) -> None:
    query = """select min(times) from (select store_id, count(distinct order_id) as times
        from lines where receipt_no = '1' group by store_id)"""
    assert number(database, query) >= 5


@pytest.mark.parametrize(("days", "receipt_no"), sorted(RATES["AGED_RECEIPTS"].items()))
def test_aged_receipts_are_where_they_are_named(
    database: duckdb.DuckDBPyConnection, days: int, receipt_no: int
) -> None:
    query = f"""select min(epoch($as_of::timestamptz - moment)) / 3600 from lines
        where store_id = 'B01' and receipt_no = '{receipt_no}' and email is not null"""
    assert number(database, query) == days * 24 - 6


def test_a_broken_line_takes_no_neighbour_along(
    database: duckdb.DuckDBPyConnection, data: Path
) -> None:
    physical = sum((data / name).read_bytes().count(b"\n") for name in EXPORTS)
    broken = number(
        database,
        "select count(*) from (select distinct file_id, line from reject_errors)",
    )
    whole = number(database, "select count(*) from lines")
    assert broken == RATES["BROKEN_LINES"]
    assert whole + broken + len(EXPORTS) == physical


def test_nobody_real_can_be_written_to(database: duckdb.DuckDBPyConnection) -> None:
    emails = database.execute("select distinct email from lines union select email from web")
    hosts = {
        host.lower()
        for (email,) in emails.fetchall()
        for host in re.findall(r"@([\w.]+)", email or "")
    }
    assert hosts == {"example.com", "example.org", "example.net", "test.com"}


def test_web_orders_are_typed(database: duckdb.DuckDBPyConnection) -> None:
    types = dict(database.execute("select column_name, column_type from (describe web)").fetchall())
    assert types["ordered_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["total"] == "DECIMAL(12,2)"
    assert types["birth_date"] == "DATE"
    assert number(database, "select count(*) from web") == LINES // 20
    assert number(database, "select count(distinct order_id) from web") == LINES // 20


def test_web_orders_lie_on_both_sides_of_seven_days(
    database: duckdb.DuckDBPyConnection,
) -> None:
    share = """select avg((ordered_at > $as_of::timestamptz - interval 7 days)::int) from web
        where ordered_at < $as_of::timestamptz"""
    assert 0.2 < number(database, share) < 0.8

"""Golden rows: source rows with the bucket and the reasons that each must end in beside them."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ledger_batches import batch_of, keys_in
from project_harness import (
    LEDGER,
    ROOT,
    Table,
    build,
    make_project,
    query,
    tillpost,
    write_table,
)
from tillpost.ledger import Ledger
from tillpost.records import Answer, Batch, Outcome
from tillpost.sandbox.rules import first_fault

GOLDEN = Path(__file__).parent / "golden"
AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)
BUCKETS = {
    *("pending", "accepted", "changed", "uncertain", "refused", "expired"),
    *("duplicate", "rejected", "folded", "repeated", "unreadable"),
}
NOT_READ = "history"
FIRST_BUILD = AS_OF - timedelta(days=2)
FOLDERS = ("rules", "no_zero", "parameters", "per_line", "consent", "ledger/after")

TABLES: dict[str, dict[str, Any]] = {
    "till.lines": {
        "meta": {
            "line_key": ["order_id", "line_no"],
            "version_by": "exported_at",
            "scope_column": "event_time",
            "time_zone": {"store": {"B": "Europe/Berlin", "N": "America/New_York"}},
        },
    },
    "basket.lines": {"meta": {"scope_column": "event_time"}},
    "shop.orders": {"meta": {"scope_column": "event_time"}},
    "app.orders": {
        "kind": "parquet",
        "types": {"event_time": "timestamp", "order_total": "decimal(10, 2)"},
        "meta": {
            "row_key": ["order_no"],
            "scope_column": "event_time",
            "time_zone": "America/New_York",
        },
    },
    "every.orders": {
        "mapping": {
            "content_ids": """{{ json_words('skus', "'|'") }}""",
            "app_data": """coalesce(raw_app, {{ app_data(
                extinfo=extinfo(kind='device', os_version='os_version'),
                advertiser_tracking_enabled='cast(att as integer)',
            ) }})""",
            "original_event_data": "{{ original_event_data(event_name='lead_event') }}",
            "data_processing_options": "case when residence = 'CA' then 'LDU' end",
            "data_processing_options_country": "case when residence = 'CA' then '1' end",
            "data_processing_options_state": "case when residence = 'CA' then '1000' end",
            "store_data": "{{ store_data(store_code='store_no') }}",
            "custom_properties": """{{ custom_properties(
                loyalty_tier='tier', points='cast(points as integer)'
            ) }}""",
            "user_keys": """{{ user_keys(
                fbc='fbc', fbp='fbp', subscription_id='subscription_id',
                fb_login_id='fb_login_id', page_id='cast(page_id as bigint)',
                page_scoped_user_id='page_scoped_user_id', ig_account_id='ig_account_id',
                ig_sid='ig_sid', ctwa_clid='ctwa_clid', whatsapp_business_account_id='waba_id',
            ) }}""",
        },
    },
    "every.lines": {
        "meta": {"line_key": ["order_id", "line_no"]},
        "mapping": {"custom_properties": "props"},
    },
    "asked.lines": {"meta": {"line_key": ["order_id", "line_no"], "version_by": "exported_at"}},
    "asked.orders": {},
    "typed.orders": {
        "kind": "parquet",
        "types": {
            "consent": "boolean",
            "opt_out": "boolean",
            "data_processing_options_country": "integer",
            "data_processing_options_state": "smallint",
        },
        "mapping": {"consent": "consent"},
    },
    "odd.lines": {},
    "odd.orders": {},
    "crm.orders": {
        "kind": "duckdb",
        "types": {"event_time": "bigint", "order_total": "double"},
        "meta": {"row_key": ["order_no"]},
    },
}


@dataclass(frozen=True, kw_only=True)
class GoldenRow:
    """One source row, by the names that the build and its readers have for it."""

    source: str
    ref: str
    line: int
    cells: Mapping[str, str]

    @property
    def case(self) -> str:
        return self.cells["case"]

    @property
    def bucket(self) -> str:
        return self.cells["expect"]

    @property
    def reasons(self) -> str:
        return self.cells["reasons"].replace(" ", ",")


def read_tables(folder: str) -> list[Table]:
    return [
        Table(
            name=place.name,
            files={path.stem: path.read_text("utf-8") for path in sorted(place.glob("*.csv"))},
            **TABLES[place.name],
        )
        for place in sorted((GOLDEN / folder).iterdir())
    ]


def source_rows(folder: str) -> Iterator[GoldenRow]:
    for table in read_tables(folder):
        for file, text in table.files.items():
            number = 0
            reader = csv.reader(io.StringIO(text, newline=""))
            header = next(reader)
            for values in reader:
                cells = dict(zip(header, values, strict=False))
                number += cells.get("expect") != "unreadable"
                place = cells.get("order_no", f"{table.path(file)} row {number}")
                yield GoldenRow(
                    source=table.name,
                    ref=f"{table.name} {place}",
                    line=reader.line_num,
                    cells=cells,
                )


def golden_rows(folder: str) -> list[GoldenRow]:
    """The rows that say where they must end; the last cells of an unreadable one may be missing."""
    return [row for row in source_rows(folder) if row.bucket != NOT_READ]


def verdicts(project: Path) -> dict[str, tuple[str, str]]:
    rows = query(project, "select row_ref, bucket, reasons from int_verdicts")
    return {row_ref: (bucket, reasons) for row_ref, bucket, reasons in rows}


def assert_as_golden(project: Path, folder: str) -> None:
    """Each golden row is where it must be, and there is no other."""
    expected = golden_rows(folder)
    found = verdicts(project)
    readable = [row for row in expected if row.bucket != "unreadable"]
    wanted = {row.case: (row.bucket, row.reasons) for row in readable}
    assert {row.case: found.get(row.ref) for row in readable} == wanted
    assert found.keys() == {row.ref for row in readable}
    unreadable = query(project, "select source_name, line from unreadable_lines")
    assert sorted(unreadable) == sorted(
        (row.source, row.line) for row in expected if row.bucket == "unreadable"
    )
    funnel = query(project, "select source_name, bucket, source_rows from audit_funnel")
    counts = Counter((row.source, row.bucket) for row in expected)
    assert {(source, bucket): rows for source, bucket, rows in funnel} == counts


def assert_payloads(project: Path, folder: str) -> int:
    """Each payload that is written down is this one; how many are."""
    texts = (GOLDEN / f"{folder}.txt").read_text("utf-8").splitlines()
    wanted = dict(zip(texts[::2], texts[1::2], strict=True))
    found = {f"# {case}": payload for case, payload in payloads_by_case(project, folder).items()}
    assert {case: found[case] for case in wanted} == wanted
    return len(wanted)


def payloads_by_case(project: Path, folder: str) -> dict[str, str]:
    sql = "select row_ref, payload from int_verdicts inner join events using (event_key)"
    found = dict(query(project, f"{sql} where bucket = 'pending'"))
    return {row.case: found[row.ref] for row in golden_rows(folder) if row.ref in found}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = make_project(tmp_path_factory.mktemp("rules"), read_tables("rules"))
    build(project, now=AS_OF).require_success()
    return project


def test_each_row_ends_in_its_bucket_for_its_reasons(rules: Path) -> None:
    assert_as_golden(rules, "rules")


def test_payloads_are_these_byte_for_byte(rules: Path) -> None:
    assert assert_payloads(rules, "rules") >= 12


def test_the_clock_can_be_given_on_the_command_line(rules: Path) -> None:
    before = query(rules, "select * from events order by all")
    result = tillpost(rules, "build", "--vars", f"{{as_of: {AS_OF:%Y-%m-%dT%H:%M:%SZ}}}")
    assert (result.returncode, result.stderr) == (0, "")
    assert query(rules, "select * from events order by all") == before


def test_zero_value_is_rejected_where_the_project_says_so(tmp_path: Path) -> None:
    project = make_project(tmp_path, read_tables("no_zero"))
    build(project, now=AS_OF, send_zero_value=False).require_success()
    assert_as_golden(project, "no_zero")


@pytest.fixture(scope="module")
def parameters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = make_project(tmp_path_factory.mktemp("parameters"), read_tables("parameters"))
    build(project, now=AS_OF, send_content_ids=True, send_store_data=True).require_success()
    return project


def test_every_parameter_of_meta_is_carried(parameters: Path) -> None:
    assert_as_golden(parameters, "parameters")
    assert_payloads(parameters, "parameters")


def test_a_field_that_is_no_good_is_counted_and_its_row_stays(parameters: Path) -> None:
    sql = "select source_name, problem, sales from audit_problems"
    expected = Counter(
        (row.source, word)
        for row in golden_rows("parameters")
        for word in row.cells["problems"].split()
    )
    assert {(source, word): sales for source, word, sales in query(parameters, sql)} == expected


@pytest.fixture(scope="module")
def consent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = make_project(tmp_path_factory.mktemp("consent"), read_tables("consent"))
    build(project, now=AS_OF).require_success()
    return project


def test_what_a_customer_forbids_is_heard(consent: Path) -> None:
    assert_as_golden(consent, "consent")
    assert assert_payloads(consent, "consent") == len(payloads_by_case(consent, "consent"))


@pytest.mark.parametrize("name", ["rules", "parameters", "consent"])
def test_the_sandbox_takes_every_event(name: str, request: pytest.FixtureRequest) -> None:
    events = query(request.getfixturevalue(name), "select payload from events")
    faults = [first_fault(json.loads(text), index=0, now=AS_OF.timestamp()) for (text,) in events]
    assert faults == [None] * len(events)


def test_each_line_is_an_event_where_the_project_says_so(tmp_path: Path) -> None:
    project = make_project(tmp_path, read_tables("per_line"))
    build(project, now=AS_OF, event_per_line=True).require_success()
    assert_as_golden(project, "per_line")
    assert_payloads(project, "per_line")


@dataclass(frozen=True, kw_only=True)
class Happened:
    """What became of one event at a moment; each attempt to send it is a run of its own."""

    batch: Batch
    run_id: str
    state: str
    at: datetime


def test_what_the_ledger_knows_decides_first(tmp_path: Path) -> None:
    project = make_project(tmp_path, read_tables("ledger/before"))
    build(project, now=FIRST_BUILD).require_success()
    history = list(read_history(project))
    write_history(project / LEDGER, history)
    for table in read_tables("ledger/after"):
        write_table(project, table)
    summary = build(project, now=AS_OF)
    summary.require_success()
    assert_as_golden(project, "ledger/after")
    assert summary.other_rules == sum(each.state == "accepted" for each in history) > 0


def read_history(project: Path) -> Iterator[Happened]:
    """The `ledger` column of the rows before, with the keys that the build gave them."""
    columns = "row_ref, event_key, sale_key, payload_digest"
    keys = {
        ref: map(str, its) for ref, *its in query(project, f"select {columns} from int_verdicts")
    }
    for row in source_rows("ledger/before"):
        event, sale, payload = keys[row.ref]
        batch = batch_of([event], [sale], [payload], dataset_id="1234567890123456")
        run_id = ""
        for word in row.cells["ledger"].split():
            state, _, moment = word.partition("@")
            run_id = f"{event} {moment}" if state == "leaving" else run_id
            yield Happened(
                batch=batch, run_id=run_id, state=state, at=datetime.fromisoformat(moment)
            )


def write_history(path: Path, history: Sequence[Happened]) -> None:
    now = FIRST_BUILD

    def clock() -> float:
        return now.timestamp()

    by_hand = [each for each in history if each.state in ("expired", "held", "forgotten")]
    with Ledger.open(path, clock=clock) as ledger:
        for each in history:
            now = each.at
            if each.state == "leaving":
                ledger.leaving([each.batch], run_id=each.run_id, rules_version="1")
            elif each not in by_hand:
                answer = Answer(outcome=Outcome(each.state))
                ledger.settle([(each.batch, answer)], run_id=each.run_id)
    with duckdb.connect(path) as connection:
        for each in by_hand:
            write_by_hand(connection, each)


def write_by_hand(connection: duckdb.DuckDBPyConnection, happened: Happened) -> None:
    """Write a state that no answer of an edge leads to."""
    events = happened.batch.events
    entry = {
        "event_key": keys_in(events.event_keys)[0],
        "sale_key": keys_in(events.sale_keys)[0],
        "payload_digest": keys_in(events.payload_digests)[0],
        "rules_version": "1",
        "dataset_id": happened.batch.dataset_id,
        "state": happened.state,
        "run_id": "by hand",
        "batch": 1,
        "attempt": 0,
        "written_at": happened.at.replace(tzinfo=None),
        "day": happened.at.date(),
    }
    values = ", ".join(f"${name} as {name}" for name in entry)
    connection.execute(f"insert into singles by name select {values}", entry)


def test_golden_rows_show_every_bucket_and_every_reason_at_both_grains() -> None:
    rows = [row for folder in FOLDERS for row in golden_rows(folder)]
    seed = (ROOT / "seeds" / "reasons.csv").read_text("utf-8")
    reasons = {row["reason"] for row in csv.DictReader(seed.splitlines())}
    assert len({(row.source, row.case) for row in rows}) == len(rows)
    for grain in ("lines", "orders"):
        of_grain = [row for row in rows if row.source.endswith(grain)]
        assert {row.bucket for row in of_grain} == BUCKETS
        rejected = [row.reasons for row in of_grain if row.bucket == "rejected"]
        assert {reason for each in rejected for reason in each.split(",")} == reasons


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.sampled_from(["", "A", "B", "C", "D", "E"]),
            "line_no": st.sampled_from(["1", "2", "3"]),
            "event_time": st.sampled_from(
                [
                    *("2026-11-20 10:00:00", "2026-11-20 10:00:01", "2026-11-21 12:00:00"),
                    *("2026-11-10 10:00:00", "2026-09-22 11:00:00", "2026-11-24 10:00:00"),
                    *("", "never"),
                ]
            ),
            "item_id": st.sampled_from(["", "MUG", "TEA"]),
            "line_total": st.sampled_from(["", "5.00", "4.5", "-5.00", "0.1", "five"]),
            "currency": st.sampled_from(["EUR", "EUR", "EUR", "eur", "USD", "XXL", ""]),
            "email": st.sampled_from(["ada@example.com", "grace@example.org", "n/a", ""]),
            "fn": st.sampled_from(["", "Mary"]),
        }
    ),
    min_size=20,
    max_size=60,
)


@pytest.fixture(scope="module")
def random_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("random"), [random_table([], [])])


def random_table(rows: Sequence[dict[str, str]], again: Sequence[dict[str, str]]) -> Table:
    """The same rows for two datasets, in two orders."""
    columns = ["dataset_id", "version", "order_id", "line_no", "event_time", "item_id"]
    columns += ["line_total", "currency", "email", "fn"]
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    for dataset, each in (("1", rows), ("2", again)):
        writer.writerows({"dataset_id": dataset, **row} for row in each)
    meta = {"line_key": ["dataset_id", "order_id", "line_no"], "version_by": "version"}
    return Table(name="random.lines", files={"rows": file.getvalue()}, meta=meta)


# Without shrinking, which would take a build a step.
@settings(max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(rows=ROWS, data=st.data())
def test_any_rows_balance_and_their_order_does_not_matter(
    random_project: Path, rows: list[dict[str, str]], data: st.DataObject
) -> None:
    versions = [{"version": str(number), **row} for number, row in enumerate(rows)]
    again = data.draw(st.permutations(versions))
    write_table(random_project, random_table(versions, again))
    build(random_project, now=AS_OF).require_success()
    verdicts = query(random_project, "select row_ref, bucket from int_verdicts")
    assert len({row_ref for row_ref, _ in verdicts}) == len(verdicts) == 2 * len(rows)
    assert {bucket for _, bucket in verdicts} <= BUCKETS
    events = query(random_project, "select dataset_id, payload from events order by all")
    first, second = ([text for place, text in events if place == each] for each in ("1", "2"))
    assert first == second
    orders = [json.loads(text)["custom_data"].get("order_id") for text in first]
    assert all(count == 1 for order, count in Counter(orders).items() if order)

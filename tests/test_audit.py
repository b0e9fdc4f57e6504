"""`tillpost audit`: what is wrong with what would be sent, where, and when that is a failure."""

import json
import re
import shutil
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from audit_shop import A_DAY, AS_OF, CHANGES, DAYS, FOUND, in_two_stores, table
from ledger_batches import batch_of
from project_harness import LEDGER, ROOT, make_project, query, tillpost
from tillpost.ledger import Ledger
from tillpost.project.thresholds import CHECKS
from tillpost.records import Answer, Outcome

BUILD = ".tillpost/build.duckdb"
DATASET = "1234567890123456"
CLOCK = f"as_of: '{AS_OF:%Y-%m-%dT%H:%M:%SZ}'"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = [table(source, change) for source, change in CHANGES.items()]
    project = make_project(tmp_path_factory.mktemp("audit") / "chain", tables)
    built = tillpost(project, "build", "-q", "--vars", f"{{{CLOCK}}}")
    assert built.returncode == 0, built.stderr
    return project


@pytest.fixture
def project(chain: Path, tmp_path: Path) -> Path:
    """A copy with a build of its own."""
    return Path(shutil.copytree(chain, tmp_path / "chain"))


@pytest.fixture(scope="module")
def told(chain: Path) -> dict[str, Any]:
    return audit_of(chain)


def audit_of(project: Path, limits: str = "{}", *, code: int = 0) -> dict[str, Any]:
    variables = f"{{{CLOCK}, audit: {limits}}}"
    done = tillpost(project, "audit", "--no-build", "--output", "json", "--vars", variables)
    assert (done.returncode, done.stderr) == (code, "")
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def checks(told: dict[str, Any]) -> dict[str, set[tuple[str, str | None]]]:
    found = defaultdict(set)
    for each in told["findings"]:
        source = (each["source"] or "").removesuffix(".sales")
        found[source].add((each["check"], each["field"]))
    return dict(found)


def test_each_source_has_what_is_wrong_with_it_and_nothing_else(told: dict[str, Any]) -> None:
    assert checks(told) == FOUND


def test_a_till_that_stopped_is_found_beside_one_that_goes_on(tmp_path: Path) -> None:
    project = make_project(tmp_path / "chain", [in_two_stores()])
    assert tillpost(project, "build", "-q", "--vars", f"{{{CLOCK}}}").returncode == 0
    told = audit_of(project)
    assert [(each["store"], each["check"]) for each in told["findings"]] == [("B02", "max_drop")]
    assert "0 sales on 2025-06-11, 25 on the same weekdays before" in told["findings"][0]["what"]
    assert {each["store"] for each in told["days"]} == {"B01", "B02"}


def test_a_finding_says_what_where_how_much_and_what_to_do(told: dict[str, Any]) -> None:
    (lost,) = [each for each in told["findings"] if each["source"] == "forgetful.sales"]
    yesterday = f"{AS_OF - timedelta(days=1):%Y-%m-%d}"
    assert lost["what"] == f"0% of sales have em on {yesterday}, 100% before"
    assert (lost["day"], lost["measured"], lost["limit"]) == (yesterday, 1.0, 0.5)
    assert lost["severity"] == "warning"
    (sloppy,) = [each for each in told["findings"] if each["source"] == "sloppy.sales"]
    number = DAYS * A_DAY
    assert (
        sloppy["what"] == f"{number // 5} of {number} sales lose their em, mostly email_malformed"
    )
    (comma,) = [each for each in told["findings"] if each["source"] == "comma.sales"]
    assert comma["row_ref"] in comma["fix"]


def test_fields_are_counted_by_day_as_given_and_as_valid(told: dict[str, Any]) -> None:
    days = [each for each in told["days"] if each["source"] == "sloppy.sales"]
    assert len(days) == DAYS
    for day in days:
        assert (day["sales"], day["bucket"], day["currency"]) == (A_DAY, "pending", "EUR")
        assert day["fields"]["em"] == {"given": A_DAY, "valid": A_DAY - 5}
        assert day["fields"]["ph"] == {"given": A_DAY, "valid": A_DAY}
        assert day["fields"]["fn"] == {"given": 0, "valid": 0}
    lost = [each for each in told["dropped_fields"] if each["source"] == "sloppy.sales"]
    assert {(each["problem"], each["sales"]) for each in lost} == {("email_malformed", 5)}


def test_the_funnel_and_the_sales_come_to_the_same(told: dict[str, Any]) -> None:
    rows = sum(sum(buckets.values()) for buckets in told["funnel"].values())
    assert sum(each["source_rows"] for each in told["days"]) == rows


def test_values_are_told_by_quantiles_of_each_currency(told: dict[str, Any]) -> None:
    found = {each["currency"]: each for each in told["values"]}
    assert set(found) == {"EUR", "GBP"}
    assert (found["GBP"]["sales"], found["GBP"]["quantiles"]["p50"]) == (5, 20.0)
    assert found["EUR"]["largest"] == 4400.0


LIMITS = {
    "{min_match_share: 0.9}": {("strangers", "min_match_share")},
    "{max_dropped_share: 0.1, max_zero_share: 0.5}": {("sloppy", "max_dropped_share")},
    "{max_outliers: 1}": {("cents", "max_outliers")},
    "{min_match_share: 0, max_outliers: 1000, max_jump: 200}": set(),
}


@pytest.mark.parametrize(("limits", "failures"), LIMITS.items(), ids=LIMITS)
def test_what_is_beyond_a_limit_of_the_project_is_a_failure(
    chain: Path, limits: str, failures: set[tuple[str, str]]
) -> None:
    told = audit_of(chain, limits, code=1 if failures else 0)
    found = [each for each in told["findings"] if each["severity"] == "failure"]
    assert {(each["source"].removesuffix(".sales"), each["check"]) for each in found} == failures
    assert told["failures"] == len(failures)


def test_limits_in_the_project_file_hold_as_well(project: Path) -> None:
    file = project / "dbt_project.yml"
    settings = yaml.safe_load(file.read_text())
    settings["vars"]["audit"] = {"max_refund_share": 0.2}
    file.write_text(yaml.safe_dump(settings))
    done = tillpost(project, "audit", "--no-build", "--vars", f"{{{CLOCK}}}")
    assert done.returncode == 1
    assert "1 failure and" in done.stdout
    assert "failure: returns.sales: 153 of 425 sales are worth less than nothing" in done.stdout


def test_every_wrong_limit_is_told_at_once(project: Path) -> None:
    limits = "{min_mach_share: 0.5, max_outliers: -1, max_drop: many, min_upload_days: 15}"
    done = tillpost(project, "audit", "--vars", f"{{audit: {limits}}}")
    assert done.returncode == 2
    for words in (
        'an audit has no such key: "min_mach_share"',
        "try: min_match_share",
        '"max_outliers" must be a number, 0 or more',
        '"max_drop" must be a share, 0 to 1',
        '"min_upload_days" must be 0 to 14',
    ):
        assert words in done.stderr
    done = tillpost(project, "audit", "--vars", "{audit: 0.5}")
    assert 'the variable "audit" must be a mapping of limits' in done.stderr


def test_nothing_of_a_customer_is_told(chain: Path) -> None:
    for output in ("table", "json"):
        done = tillpost(chain, "audit", "--no-build", "--output", output, "--vars", f"{{{CLOCK}}}")
        assert done.returncode == 0
        told = re.sub(r"\d{8}T\d{6}Z-\w+", "", done.stdout)  # a run's id, which may hold any digits
        assert "@" not in told
        assert "4930" not in told
        assert not re.search(r"[0-9a-f]{64}", told)


def test_meta_wants_data_young_and_on_twelve_days_of_fourteen(project: Path) -> None:
    factors = {each["factor"]: each for each in audit_of(project)["factors"]}
    assert factors["days of the last 14 with an upload"]["passes"] is None
    write_uploads(project, days=(1, 2, 5, 13, 14, 20))
    told = audit_of(project)
    factors = {each["factor"]: each for each in told["factors"]}
    assert factors["days of the last 14 with an upload"]["measured"] == 4
    assert factors["days of the last 14 with an upload"]["passes"] is False
    assert factors["in one piece"]["passes"] is True
    found = [each["what"] for each in told["findings"] if each["dataset_id"] == DATASET]
    assert any("something was sent on 4 of the last 14 days" in what for what in found)
    assert any("sales are under 3 days old" in what for what in found)


def write_uploads(project: Path, *, days: tuple[int, ...]) -> None:
    """What runs of other days left in the ledger: nothing of today's sales."""
    clock = [0.0]
    with Ledger.open(project / LEDGER, clock=lambda: clock[0]) as book:
        for day in sorted(days, reverse=True):
            clock[0] = (AS_OF - timedelta(days=day)).timestamp()
            key = f"00000000-0000-0000-0000-{day:012d}"
            batch = batch_of([key], number=day, dataset_id=DATASET)
            book.start_run(f"run-{day}", command="run")
            book.leaving([batch], run_id=f"run-{day}", rules_version="1")
            answer = Answer(outcome=Outcome.accepted)
            book.settle([(batch, answer)], run_id=f"run-{day}")


def test_a_funnel_that_does_not_balance_is_a_failure(project: Path) -> None:
    with duckdb.connect(project / BUILD) as connection:
        connection.execute(
            "update audit_funnel set source_rows = source_rows + 1"
            " where source_name = 'well.sales' and bucket = 'pending'"
        )
    told = audit_of(project, code=1)
    assert told["findings"][0]["check"] == "balance"
    assert told["findings"][0]["what"] == "the sales are made of 425 rows, the funnel has 426"


def test_another_tools_relation_is_not_audited(project: Path) -> None:
    file = project / "profiles.yml"
    profile = yaml.safe_load(file.read_text())
    profile["tillpost"]["outputs"]["tests"]["relation"] = "main.events"
    file.write_text(yaml.safe_dump(profile))
    done = tillpost(project, "audit")
    assert done.returncode == 2
    assert "there is nothing to audit" in done.stderr


def test_anyone_can_ask_the_models(chain: Path) -> None:
    ((sales, valid),) = query(
        chain,
        "select sum(sales), sum(em_valid) from audit_days where source_name = 'sloppy.sales'",
    )
    assert (sales, valid) == (DAYS * A_DAY, DAYS * (A_DAY - 5))


@pytest.mark.parametrize("name", CHECKS)
def test_every_limit_is_told(name: str) -> None:
    row = f"| `{name}` | {CHECKS[name].limit:g} | {CHECKS[name].meaning}: "
    assert row in (ROOT / "docs" / "audit.md").read_text("utf-8")

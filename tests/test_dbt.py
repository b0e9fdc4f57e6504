"""The same folder under the real dbt: the same relations, the same bytes, the same verdicts."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dbt_harness import TwoBuilds, build_twice, dbt, dbt_home, lay_down_repository
from project_harness import LEDGER, build, query, tillpost
from recipes import run
from sending_harness import sandbox
from tillpost.project.output import output_errors

AS_OF = "2026-11-23T12:00:00+00:00"
LINES = 6000
UNREADABLE = {"unreadable_lines", "audit_funnel"}
ELSEWHERE = {"use_credential_provider", "remote", "flights", "is_ducklake", "motherduck_token"}
"""Keys of dbt-duckdb's that put the database where Tillpost does not build."""
OTHER_TESTS = """
version: 2
models:
  - name: audit_funnel
    columns:
      - name: bucket
        data_tests:
          - accepted_values: {name: nothing_is_pending, arguments: {values: [rejected, folded]}}
          - accepted_values:
              name: nothing_is_pending_is_hoped
              arguments: {values: [rejected, folded]}
              config: {severity: warn}
          - not_null: {name: pending_have_a_bucket, config: {where: "bucket = 'pending'"}}
          - relationships:
              name: buckets_are_reasons
              arguments: {to: ref('reasons'), field: reason}
"""
ANY_ROW = "select bucket from {{ ref('audit_funnel') }}"
OTHER_FILES = {
    "models/final/other_tests.yml": OTHER_TESTS,
    "tests/sql/many_are_bad.sql": ANY_ROW,
    "tests/sql/a_few_may_be.sql": f"{{{{ config(error_if='>1000000') }}}}\n{ANY_ROW}",
    "tests/sql/limited.sql": f"{{{{ config(limit=2, severity='warn') }}}}\n{ANY_ROW}",
}
OTHER_VERDICTS = {
    "nothing_is_pending": "fail",
    "nothing_is_pending_is_hoped": "warn",
    "pending_have_a_bucket": "pass",
    "buckets_are_reasons": "fail",
    "many_are_bad": "fail",
    "a_few_may_be": "warn",
    "limited": "warn",
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> TwoBuilds:
    folder = tmp_path_factory.mktemp("repository")
    lay_down_repository(folder, as_of=AS_OF, lines=LINES)
    return build_twice(folder, now=datetime.fromisoformat(AS_OF), is_good=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> TwoBuilds:
    """What `tillpost init` lays down, with tests of its user's, some of which fail."""
    folder = tmp_path_factory.mktemp("laid_down")
    done = tillpost(folder, "init", "shop")
    assert done.returncode == 0, done.stderr
    for name, text in OTHER_FILES.items():
        (folder / "shop" / name).write_text(text)
    # Its sales are dated back from today.
    return build_twice(folder / "shop", now=datetime.now(UTC).replace(microsecond=0), is_good=False)


def what_must_stay(project: Path) -> dict[str, str]:
    """The bytes of the ledger and of the runs, as digests."""
    files = [*project.glob("tillpost_ledger*"), *(project / ".tillpost" / "runs").rglob("*")]
    return {
        str(path.relative_to(project)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


@pytest.mark.parametrize("name", ["repository", "shop"])
def test_both_build_the_same(name: str, request: pytest.FixtureRequest) -> None:
    builds: TwoBuilds = request.getfixturevalue(name)
    ours, theirs = builds.relations("ours"), builds.relations("theirs")
    ours.pop("build_stamp", None)
    assert ours == theirs
    differing = {relation: builds.differing(relation) for relation in ours.keys() - UNREADABLE}
    # Lines that do not parse are the loader's to count.
    differing["audit_funnel"] = builds.differing("audit_funnel", where="bucket <> 'unreadable'")
    assert not {relation: rows for relation, rows in differing.items() if rows}
    assert query(builds.project, "select count(*) > 0 from events") == [(True,)]


@pytest.mark.parametrize("name", ["repository", "shop"])
def test_both_judge_the_same(name: str, request: pytest.FixtureRequest) -> None:
    builds: TwoBuilds = request.getfixturevalue(name)
    assert builds.our_verdicts == builds.their_verdicts


def test_a_test_can_fail_warn_and_pass_under_both(shop: TwoBuilds) -> None:
    assert {name: shop.their_verdicts[name] for name in OTHER_VERDICTS} == OTHER_VERDICTS


def test_what_dbt_builds_is_never_sent(repository: TwoBuilds) -> None:
    project = repository.project
    build(project, now=datetime.now(UTC))
    dbt(project, "test", "--select", "sales_are_sent_once")
    dbt(project, "compile", "--select", "events")
    assert query(project, "select count(*) from build_stamp") == [(1,)]
    dbt(project, "run", "--select", "events")
    done = tillpost(project, "send")
    assert (done.returncode, "there is no build that may be sent" in done.stderr) == (2, True)


def test_ledger_and_runs_outlive_whatever_dbt_clears(shop: TwoBuilds) -> None:
    project = shop.project
    with sandbox() as address:
        profile = project / "profiles.yml"
        profile.write_text(profile.read_text().replace("http://127.0.0.1:8765", address))
        for name in OTHER_FILES:
            (project / name).unlink()
        assert tillpost(project, "run").returncode == 0
    kept = what_must_stay(project)
    assert {path.partition("/")[0] for path in kept} >= {".tillpost", LEDGER}
    dbt(project, "build", "--full-refresh", "--exclude-resource-type", "unit_test")
    dbt(project, "clean")
    assert not (project / "target").exists()
    assert what_must_stay(project) == kept
    # The ledger remembers, whatever was cleared: a new build has nothing to send.
    assert tillpost(project, "build").returncode == 0
    assert query(project, "select count(*) from events") == [(0,)]


def test_nothing_of_ours_is_deprecated(repository: TwoBuilds) -> None:
    words = ("--no-partial-parse", "--show-all-deprecations", "--warn-error")
    dbt(repository.project, "parse", *words)
    dbt(repository.project, "docs", "generate")
    catalog = json.loads((repository.project / "target" / "catalog.json").read_text())
    assert not catalog["errors"]
    assert "model.tillpost.events" in catalog["nodes"]


def test_a_profile_may_say_all_that_dbt_duckdb_reads() -> None:
    fields = (
        "import dataclasses, json, dbt.adapters.duckdb.credentials as theirs;"
        "print(json.dumps([each.name for each in dataclasses.fields(theirs.DuckDBCredentials)]))"
    )
    told = run([str(dbt_home() / "python"), "-c", fields]).stdout
    names = {name for name in json.loads(told) if not name.startswith("_")}
    assert {"path", "database", "schema", "extensions", "settings", "attach"} <= names
    refused = {
        name for name in names if output_errors({"type": "duckdb", name: None}, where="profiles")
    }
    assert refused == ELSEWHERE

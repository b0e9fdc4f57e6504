"""Tests of what is built: how they count, which a project writes, what is kept of bad rows."""

from pathlib import Path

import pytest

from project_harness import Table, make_project, query, tillpost
from small_project import opened, write_project
from tillpost.errors import UsageError
from tillpost.pipeline.build import build_models, load_seeds
from tillpost.pipeline.build_summary import TestResult
from tillpost.pipeline.proofs import require_proof
from tillpost.pipeline.tests import run_tests
from tillpost.pipeline.workspace import Workspace
from tillpost.project.data_tests import is_reached

MODELS = {
    "seeds/numbers.csv": "id,n\na,1\nb,2\nc,2\nd,\n",
    "models/sales.sql": (
        "{{ config(materialized='table') }}\n"
        "select id as row_ref, n, 'pos' as kind from {{ ref('numbers') }}"
    ),
}
AT_LEAST = """
{% test at_least(model, column_name, smallest, also=none) %}
-- a line of comment
select {{ column_name }} as bad
from {{ model }}
where {{ column_name }} < {{ smallest }}
{% if also %} and {{ column_name }} in (select n from {{ also }}) {% endif %}
{% endtest %}
"""
NO_ROWS = """
{% test is_empty(model) %}
select * from {{ model }}
{% endtest %}
"""


def declared(folder: Path, tests: str, **files: str) -> Path:
    """A project whose column `n` has these tests, or whose model has them."""
    place = f"data_tests: {tests}" if tests.startswith("[is_") else ""
    columns = "" if place else f"columns: [{{name: n, data_tests: {tests}}}]"
    text = f"models: [{{name: sales, {place}{columns}}}]"
    return write_project(folder, {**MODELS, "models/tests.yml": text, **files})


def run(project: Path) -> tuple[Workspace, dict[str, TestResult], dict[str, list[object]]]:
    """The results by name, and the rows that were kept."""
    workspace = opened(project, {})
    manifest = workspace.compiler.manifest()
    require_proof(workspace, manifest)
    with workspace.engine() as engine:
        load_seeds(workspace, engine, workspace.project.seeds)
        build_models(engine, manifest.models, listen=lambda _: None)
        found = run_tests(engine, manifest.tests, listen=lambda _: None)
        kept = {
            each.kept_in: engine.query(f"select * from {each.kept_in}", where="kept")[1]
            for each in manifest.tests
            if each.kept_in
        }
    return workspace, {each.name: each for each in found}, kept


def result(project: Path) -> TestResult:
    (only,) = run(project)[1].values()
    return only


@pytest.mark.parametrize(
    ("test", "severity", "failures"),
    [
        ("not_null", "error", 1),
        ("unique", "error", 1),
        ("{unique: {config: {severity: warn}}}", "warn", 1),
        ("{unique: {severity: WARN}}", "warn", 1),
        ("{unique: {where: \"row_ref <> 'c'\"}}", "error", 0),
        ("{not_null: {config: {where: \"kind = '{{ 'po' ~ 's' }}'\"}}}", "error", 1),
        ("{accepted_values: {arguments: {values: [7], quote: false}}}", "error", 3),
        ("{accepted_values: {values: [7], quote: false, limit: 2}}", "error", 2),
        ("{accepted_values: {values: [7], quote: false, config: {error_if: '>3'}}}", "warn", 3),
        (
            "{accepted_values: {values: [7], quote: false, error_if: '>3', warn_if: '>= 4'}}",
            "error",
            0,
        ),
        ("{relationships: {arguments: {to: ref('numbers'), field: n}}}", "error", 0),
        ("{at_least: {arguments: {smallest: 2}}}", "error", 1),
        ("{at_least: {smallest: 3, also: ref('numbers'), severity: warn}}", "warn", 3),
    ],
)
def test_how_a_test_counts(tmp_path: Path, test: str, severity: str, failures: int) -> None:
    project = declared(tmp_path, f"[{test}]", **{"macros/at_least.sql": AT_LEAST})
    found = result(project)
    assert (found.severity, found.failures) == (severity, failures)


@pytest.mark.parametrize(
    ("threshold", "reached"),
    [
        ("!=0", {1, 2, 3}),
        ("<> 1", {0, 2, 3}),
        ("=2", {2}),
        ("==2", {2}),
        (">1", {2, 3}),
        (">=1", {1, 2, 3}),
        ("<1", {0}),
        ("<= 1", {0, 1}),
    ],
)
def test_thresholds(threshold: str, reached: set[int]) -> None:
    assert {failures for failures in range(4) if is_reached(threshold, failures)} == reached


def test_a_test_of_the_project_may_stand_with_the_tests_and_be_a_relations(tmp_path: Path) -> None:
    files = {
        "tests/generic/is_empty.sql": NO_ROWS,
        "tests/fixtures/rows.sql": "select 1 as no_test",
        "tests/no_twos.sql": "select * from {{ ref('sales') }} where n = 2",
    }
    _, found, _ = run(declared(tmp_path, "[is_empty]", **files))
    assert {name: each.failures for name, each in found.items()} == {
        "is_empty_sales": 4,
        "no_twos": 2,
    }


def test_a_test_of_the_project_is_taken_before_ours(tmp_path: Path) -> None:
    own = "{% test unique(model, column_name) %}select 1 as bad{% endtest %}"
    found = result(declared(tmp_path, "[unique]", **{"macros/unique.sql": own}))
    assert found.failures == 1


def test_a_singular_test_configures_itself(tmp_path: Path) -> None:
    sql = "{{ config(severity='warn', limit=1, enabled=ENABLED) }} select n from {{ ref('sales') }}"
    files = {"tests/none.sql": sql.replace("ENABLED", "true")}
    found = result(declared(tmp_path, "[]", **files))
    assert (found.severity, found.failures) == ("warn", 1)
    write_project(tmp_path, {"tests/none.sql": sql.replace("ENABLED", "false")})
    assert run(tmp_path)[1] == {}


def test_folders_configure_their_tests(tmp_path: Path) -> None:
    files = {"tests/mine/none.sql": "select n from {{ ref('sales') }}"}
    project = declared(tmp_path, "[{not_null: {severity: error}}, unique]", **files)
    tree = "data_tests: {+severity: warn, small: {mine: {+limit: 1}}}"
    write_project(
        project, {"dbt_project.yml": f"{{name: small, profile: small, vars: {{rate: 2}}, {tree}}}"}
    )
    found = run(project)[1]
    assert {name: (each.severity, each.failures) for name, each in found.items()} == {
        "not_null_sales_n": ("error", 1),
        "unique_sales_n": ("warn", 1),
        "none": ("warn", 1),
    }


STORE = "config: {store_failures: true}"


@pytest.mark.parametrize(
    ("test", "kept"),
    [
        (f"{{not_null: {{{STORE}}}}}", [("d",)]),
        (f"{{unique: {{{STORE}}}}}", [(2,)]),
        (f"{{accepted_values: {{values: [2], quote: false, {STORE}}}}}", [("a",)]),
        (f"{{accepted_values: {{values: [1, 2], quote: false, {STORE}}}}}", []),
        (f"{{relationships: {{to: ref('ones'), field: n, {STORE}}}}}", [("b",), ("c",)]),
    ],
)
def test_the_keys_of_bad_rows_are_kept(
    tmp_path: Path, test: str, kept: list[tuple[object, ...]]
) -> None:
    project = declared(tmp_path, f"[{test}]", **{"seeds/ones.csv": "n\n1\n"})
    _, found, tables = run(project)
    ((name, only),) = found.items()
    assert only.kept_in == (f"main_dbt_test__audit.{name}" if kept else "")
    assert sorted(tables[f"main_dbt_test__audit.{name}"]) == kept


def test_nothing_personal_is_kept(tmp_path: Path) -> None:
    files = {
        "models/sources.yml": (
            "sources: [{name: raw, tables: [{name: rows, meta: {external_location: rows.csv},"
            " columns: [{name: email, meta: {pii: email}}]}]}]"
        ),
        "models/people.sql": "select email as row_ref, 1 as n from {{ source('raw', 'rows') }}",
        "models/people.yml": (
            "models: [{name: people, columns:"
            f" [{{name: n, data_tests: [{{not_null: {{{STORE}}}}}]}}]}}]"
        ),
        "tests/everybody.sql": (
            "{{ config(store_failures=true) }} select row_ref as who from {{ ref('people') }}"
        ),
    }
    with pytest.raises(UsageError) as caught:
        run(declared(tmp_path, "[]", **files))
    told = str(caught.value)
    assert "tests/everybody.sql" in told
    assert "who ← people.row_ref ← raw.rows.email" in told
    assert "models/people.yml people.n:1  row_ref ← people.row_ref ← raw.rows.email" in told


HASH = (
    "{% macro sha256_hex(text) %}{{ adapter.dispatch('sha256_hex')(text) }}{% endmacro %}"
    "{% macro duckdb__sha256_hex(text) %}sha256({{ text }}){% endmacro %}"
)


@pytest.mark.parametrize(
    "sql",
    [
        "{{ config(store_failures='tillpost__' not in sha256_hex('a')) }} select 1 as who",
        (
            "{{ config(store_failures=true) }} select {% if 'tillpost__' in sha256_hex('a') %} 1"
            " {% else %} row_ref {% endif %} as who"
        ),
    ],
    ids=["kept", "what"],
)
def test_what_is_kept_is_what_was_proved(tmp_path: Path, sql: str) -> None:
    files = {
        "macros/intrinsics/sha256_hex.sql": HASH,
        "tests/everybody.sql": sql + " from {{ ref('sales') }}",
    }
    with pytest.raises(UsageError, match="the SQL that runs is not the SQL that the proof reads"):
        run(declared(tmp_path, "[]", **files))


@pytest.mark.parametrize("kind", ["models", "seeds"])
def test_a_tag_where_none_is_read_is_told(tmp_path: Path, kind: str) -> None:
    name = {"models": "sales", "seeds": "numbers"}[kind]
    text = f"{kind}: [{{name: {name}, columns: [{{name: n, meta: {{pii: email}}}}]}}]"
    with pytest.raises(UsageError, match=f"{name}.n  pii is no tag of a column here"):
        opened(write_project(tmp_path, {**MODELS, "models/tags.yml": text}), {})


def test_what_cannot_be_a_test_is_told_at_once(tmp_path: Path) -> None:
    tests = """[
        at_leest,
        {not_null: {severity: bad}},
        {unique: {config: {error_if: many, limit: 0, store_failures: 'yes', enabled: 1}}},
        {accepted_values: {value: [1]}},
    ]"""
    with pytest.raises(UsageError) as caught:
        opened(declared(tmp_path, tests, **{"macros/at_least.sql": AT_LEAST}), {})
    where = "models/tests.yml sales.n  "
    assert [line for line in str(caught.value).splitlines() if line.startswith("models")] == [
        f'{where}"severity" of a test must be error or warn',
        f'{where}"limit" of a test must be a whole number of rows',
        f'{where}"error_if" of a test must be a threshold such as ">10"',
        f'{where}"store_failures" of a test must be true or false',
        f'{where}"enabled" of a test must be true or false',
        f'{where}there is no such test: "at_leest"',
        f'{where}the test accepted_values has no such key: "value"',
        f'{where}the test accepted_values needs "values"',
    ]
    assert "try: at_least" in str(caught.value)


def test_a_failing_test_says_where_its_keys_are(tmp_path: Path) -> None:
    rows = "order_id,event_time,order_total,currency,email\n1,2026-11-20,9,EUR,ann@example.com\n"
    project = make_project(tmp_path, [Table(name="shop.orders", files={"a": rows})])
    tests = f"""
models:
  - name: int_verdicts
    columns:
      - name: bucket
        data_tests:
          - accepted_values: {{name: all_is_accepted, values: [accepted], {STORE}}}
"""
    write = project / "models" / "intermediate" / "__intermediate.yml"
    write.write_text(tests)
    ran = tillpost(project, "build", "--vars", "{as_of: 2026-11-23T12:00:00Z}")
    assert ran.returncode == 1
    place = "main_dbt_test__audit.all_is_accepted"
    assert "FAILED  all_is_accepted: 1 bad rows" in ran.stdout
    assert f"their keys are in {place}" in ran.stdout
    assert "ann@" not in ran.stdout + ran.stderr
    kept = query(project, f"select * from {place}")
    assert [row[:2] for row in kept] == [
        ("shop.orders", "shop.orders data/shop.orders/a.csv row 1")
    ]
    again = tillpost(project, "test", "--data", "-s", "all_is_accepted")
    assert (again.returncode, "0 of 1 tests passed" in again.stdout) == (1, True)
    both = tillpost(project, "test", "-s", "test_type:unit,int_verdicts")
    assert (both.returncode, both.stdout) == (0, "1 of 1 unit tests passed\n")

"""Unit tests in YAML: those that the shipped models have, and how any of them is read and told."""

from pathlib import Path

import pytest

from compiled_project import ROOT
from project_harness import tillpost
from small_project import opened, write_project
from tillpost.errors import UsageError
from tillpost.pipeline.unit_tests import UnitResult, run_unit_tests, unit_tests
from tillpost.project.unit_tests import UnitTest
from tillpost.report import unit_words

MODELS = {
    "models/sources.yml": """
sources:
  - name: raw
    tables:
      - name: rows
        meta: {external_location: "read_csv('none.csv', all_varchar = true, header = true)"}
        columns: [{name: email, meta: {pii: email}}]
""",
    "models/prices.sql": (
        "select id, cast(amount as decimal(10, 2)) as amount, cast(sold_on as date) as sold_on\n"
        "from {{ source('raw', 'rows') }}"
    ),
    "models/dear.sql": (
        "select prices.id, {{ var('rate') }} * prices.amount as amount, currencies.name\n"
        "from {{ ref('prices') }} as prices\n"
        "left join {{ ref('currencies') }} as currencies on currencies.code = {{ code() }}"
    ),
    "seeds/currencies.csv": "code,name\nEUR,euro\nUSD,\n",
    "macros/code.sql": "{% macro code() %}'{{ env_var('CODE', 'EUR') }}'{% endmacro %}",
}


PRICES = """
  - name: a_price_is_a_number
    model: prices
    given:
      - input: source('raw', 'rows')
        rows: [{id: a, amount: '1.50', sold_on: '2026-11-20'}]
    expect:
      rows: [{id: a, amount: 1.5}]
"""
DEAR = """
  - name: dear
    model: dear
    given:
      - input: ref('prices')
        rows: [{id: a, amount: 1.50}, {id: b, amount: 2}, {id: c}]
      - input: ref('currencies')
"""


def results(project: Path, **environ: str) -> dict[str, UnitResult]:
    workspace = opened(project, {}, **environ)
    found = run_unit_tests(workspace, unit_tests(workspace), listen=lambda _: None)
    return {each.name: each for each in found}


def with_tests(folder: Path, text: str, **files: str) -> Path:
    return write_project(folder, {**MODELS, "models/tests.yml": f"unit_tests:\n{text}", **files})


SHIPPED = opened(ROOT, {})
SHIPPED_TESTS = unit_tests(SHIPPED)


@pytest.fixture(scope="module")
def shipped() -> dict[tuple[str, str], UnitResult]:
    found = run_unit_tests(SHIPPED, SHIPPED_TESTS, listen=lambda _: None)
    return {(each.model, each.name): each for each in found}


@pytest.mark.parametrize(
    "test", SHIPPED_TESTS, ids=[f"{each.model}.{each.name}" for each in SHIPPED_TESTS]
)
def test_shipped(test: UnitTest, shipped: dict[tuple[str, str], UnitResult]) -> None:
    result = shipped[test.model, test.name]
    assert not result.failed, unit_words([result])


def test_every_shipped_model_has_a_unit_test() -> None:
    tested = {test.model for test in SHIPPED_TESTS}
    assert sorted(SHIPPED.project.models.keys() - tested) == []


OTHERWISE = {
    "default_country": "de",
    "lookback": 10,
    "order_span": 1,
    "send_zero_value": False,
    "day_first": True,
    "external_id_keeps_case": True,
    "event_per_line": True,
    "send_content_ids": True,
    "send_store_data": True,
    "max_hash_share": 0.9,
    "min_frequent_hash": 1,
    "as_of": "2020-01-01T00:00:00Z",
}


def test_they_hold_whatever_a_project_sets() -> None:
    workspace = opened(ROOT, OTHERWISE)
    found = run_unit_tests(workspace, SHIPPED_TESTS, listen=lambda _: None)
    failed = [each for each in found if each.failed]
    assert not failed, unit_words(failed)


def test_a_source_without_a_file_is_what_the_test_gives(tmp_path: Path) -> None:
    project = with_tests(tmp_path, PRICES)
    assert not results(project)["a_price_is_a_number"].failed
    assert {path.name for path in project.iterdir()} == {
        *("dbt_project.yml", "profiles.yml", "models", "seeds", "macros")
    }, "nothing is written"


def test_a_seed_without_rows_has_its_own(tmp_path: Path) -> None:
    expect = """
    expect:
      rows:
        - {id: a, amount: 3.00, name: euro}
        - {id: b, amount: 4.00, name: euro}
        - {id: c, amount: null, name: euro}
"""
    assert not results(with_tests(tmp_path, DEAR + expect))["dear"].failed


def test_formats_say_the_same(tmp_path: Path) -> None:
    tests = """
  - name: csv
    model: dear
    given:
      - {input: ref('prices'), format: csv, rows: "id,amount\\na,1.50\\nc,\\n"}
      - {input: ref('currencies'), rows: [{code: EUR, name: euro}]}
    expect: {format: csv, rows: "id,amount,name\\nc,,euro\\na,3.00,euro\\n"}
  - name: sql
    model: dear
    given:
      - {input: ref('prices'), format: sql, rows: "select 'a' as id, 1.50 as amount"}
      - {input: ref('currencies'), format: sql, rows: "select 'EUR' as code, 'euro' as name"}
    expect: {format: sql, rows: "select 'a' as id, 3 as amount, 'euro' as name"}
  - name: fixtures
    model: dear
    given:
      - {input: ref('prices'), format: csv, fixture: prices}
      - {input: ref('currencies'), format: sql, fixture: codes}
    expect: {format: csv, fixture: dear}
"""
    files = {
        "tests/fixtures/prices.csv": "id,amount\na,1.50\n",
        "tests/fixtures/codes.sql": "select 'EUR' as code, 'euro' as name",
        "tests/fixtures/dear.csv": "id,amount,name\na,3,euro\n",
    }
    found = results(with_tests(tmp_path, tests, **files))
    assert [unit_words([each]) for each in found.values() if each.failed] == []
    assert list(found) == ["csv", "sql", "fixtures"]


def test_overrides_of_vars_macros_and_the_environment(tmp_path: Path) -> None:
    given = DEAR.removeprefix("\n").replace("name: dear", "name: {name}")
    one = given + "    overrides: {overrides}\n    expect: {{rows: [{row}]}}\n"
    one = one.replace("rows: [{id: a, amount: 1.50}, {id: b, amount: 2}, {id: c}]", "rows: {one}")
    cases = (
        ("vars", "{vars: {rate: 10}}", "{amount: 15, name: euro}"),
        ("macros", "{macros: {code: \"'USD'\"}}", "{amount: 3, name: null}"),
        ("env", "{env_vars: {CODE: USD}}", "{amount: 3, name: null}"),
        ("none", "{}", "{amount: 3, name: euro}"),
    )
    tests = "".join(
        one.format(name=name, one="[{id: a, amount: 1.50}]", overrides=overrides, row=row)
        for name, overrides, row in cases
    )
    found = results(with_tests(tmp_path, tests), CODE="EUR")
    assert [unit_words([each]) for each in found.values() if each.failed] == []
    assert len(found) == len(cases)


def test_a_failure_shows_the_rows_that_differ_cell_by_cell(tmp_path: Path) -> None:
    expect = """
    expect:
      rows:
        - {id: a, amount: 3.00, name: dollar}
        - {id: b, amount: 4.00, name: euro}
        - {id: x, amount: 7.00, name: yen}
"""
    found = results(with_tests(tmp_path, DEAR + expect))
    assert unit_words(list(found.values())).splitlines() == [
        "FAILED  dear: dear (models/tests.yml:3)",
        "  → expected → came, - did not come, + was not expected",
        "     id  amount  name",
        "  ─  ──  ──────  ─────────────",
        "  →  a   3.00    dollar → euro",
        "  -  x   7.00    yen",
        "  +  c   null    euro",
        "0 of 1 unit tests passed",
    ]


def test_no_row_expected_and_rows_that_came(tmp_path: Path) -> None:
    found = results(with_tests(tmp_path, DEAR + "    expect: {rows: []}"))
    assert found["dear"].columns == ("id", "amount", "name")
    assert len(found["dear"].unexpected) == 3


ERRORS = """
  - name: no such model
    model: pricse
    expect: {rows: []}
  - name: no such input
    model: dear
    given:
      - {input: ref('price'), rows: []}
      - {input: ref('currencies')}
    expect: {rows: []}
  - name: no such columns
    model: prices
    given:
      - {input: "source('raw', 'rows')", rows: [{amonut: 1}]}
    expect: {rows: []}
  - name: no such column comes
    model: prices
    given:
      - {input: "source('raw', 'rows')", rows: []}
    expect: {rows: [{idd: a}]}
  - name: given twice, and a macro that is not there
    model: dear
    overrides: {macros: {as_off: 1}}
    given:
      - {input: ref('prices'), rows: []}
      - {input: ref('currencies')}
      - {input: ref('prices'), rows: [{amount: 1}]}
    expect: {rows: []}
  - name: not of its type
    model: dear
    given:
      - input: ref('prices')
        rows: [{amount: Ann-Secret}]
      - {input: ref('currencies')}
    expect: {rows: []}
"""


def test_all_that_is_unknown_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        results(with_tests(tmp_path, ERRORS))
    assert str(caught.value).splitlines() == [
        'models/tests.yml:3  there is no model "pricse"',
        "  try: prices",
        "",
        "models/tests.yml:9  dear does not read ref('price')",
        "  it reads: ref('currencies'), ref('prices')",
        "  try: ref('prices')",
        "",
        "models/tests.yml:6  dear reads ref('prices'), and the test gives it no rows",
        "  try: - input: ref('prices') with rows, or with rows: []",
        "",
        'models/tests.yml:15  raw.rows has no column: "amonut"',
        "  there are: amount, email, id, none, sold_on",
        "  try: amount",
        "",
        'models/tests.yml:21  the model has no column: "idd"',
        "  there are: amount, id, sold_on",
        "  try: id",
        "",
        'models/tests.yml:22  there is no macro "as_off" to override',
        "",
        "models/tests.yml:28  ref('prices') is given twice",
        "  try: give it once",
        "",
        "models/tests.yml:33  a value does not have the type that it is cast to",
        "  try: look at the values of amount",
    ]


UNREADABLE = """
  - {model: prices, expect: {rows: []}}
  - {name: a, model: prices, expects: {rows: []}, given: [{input: rows}]}
  - {name: b, model: prices, expect: {format: xml, rows: []}}
  - {name: c, model: prices, expect: {format: csv, fixture: nothing}}
  - {name: d, model: prices, expect: {rows: [1]}}
  - {name: e, model: prices, expect: {rows: []}}
  - {name: e, model: prices, expect: {rows: []}}
  - {name: f, model: prices, expect: {format: csv, rows: "a,b\\n1,2,3"}}
  - {name: g, model: prices, expect: {format: csv, rows: "a,a\\n1,2"}}
  - {name: h, model: prices, expect: {format: csv, rows: [{a: 1}]}}
  - {name: i, model: prices, expect: {rows: [], fixture: nothing}}
  - {name: j, model: prices, expect: {rows: []}, config: {enabeld: false}}
  - {name: k, model: prices, expect: {rows: []}, config: {enabled: 'false'}}
  - {name: l, model: prices, expect: {rows: []}, overrides: {vars: {lookback: ever}}}
"""


def test_all_that_is_no_unit_test_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        unit_tests(opened(with_tests(tmp_path, UNREADABLE), {}))
    told = [each for each in str(caught.value).splitlines() if each.startswith("models")]
    assert told == [
        'models/tests.yml:3  "name" must be given, as text',
        'models/tests.yml:4  a unit test has no such key: "expects"',
        'models/tests.yml:4  "rows" is no input',
        'models/tests.yml:4  "expect" needs "rows"',
        'models/tests.yml:5  there is no such format: "xml"',
        'models/tests.yml:6  there is no such fixture: "nothing"',
        'models/tests.yml:7  "a row" must be a mapping of keys to values',
        'models/tests.yml:9  there are two unit tests of prices named "e"',
        "models/tests.yml:10  row 1 has 3 cells, and the header 2",
        'models/tests.yml:11  the column "a" stands there twice',
        'models/tests.yml:12  "rows" must be a text in the format csv',
        'models/tests.yml:13  either "rows" or "fixture", not both',
        'models/tests.yml:14  a unit test\'s config has no such key: "enabeld"',
        'models/tests.yml:15  "enabled" must be true or false',
        'models/tests.yml:16  the variable "lookback" must be a whole number of days, 1 to 3650',
    ]


def test_a_disabled_test_is_not_run(tmp_path: Path) -> None:
    project = with_tests(tmp_path, PRICES + "    config: {enabled: false}\n")
    assert results(project) == {}


@pytest.mark.parametrize(
    "reach", ["read_text('profiles.yml')", "read_csv('data/sales.csv')", "glob('*')"]
)
def test_rows_as_sql_reach_no_file(tmp_path: Path, reach: str) -> None:
    tests = f"""
  - name: reaching
    model: dear
    given:
      - {{input: ref('prices'), format: sql, rows: "select * from {reach}"}}
      - {{input: ref('currencies'), rows: []}}
    expect: {{rows: []}}
"""
    files = {"data/sales.csv": "id\n1\n"}
    with pytest.raises(UsageError, match=r"models/tests\.yml:6  "):
        results(with_tests(tmp_path, tests, **files))


def test_a_fault_of_the_model_names_its_line_and_the_test(tmp_path: Path) -> None:
    model = "select id,\n    cast(id as integer) as number\nfrom {{ ref('prices') }}"
    tests = """
  - name: numbers
    model: numbers
    given:
      - {input: ref('prices'), rows: [{id: a}]}
    expect: {rows: []}
"""
    files = {"models/numbers.sql": model}
    with pytest.raises(UsageError) as caught:
        results(with_tests(tmp_path, tests, **files))
    assert "models/numbers.sql" in str(caught.value)
    assert "in the unit test at models/tests.yml:3: numbers" in str(caught.value)


def test_the_command_tells_by_its_exit_code(tmp_path: Path) -> None:
    wrong = PRICES.replace("a_price_is_a_number", "wrong").replace("amount: 1.5}", "amount: 2}")
    project = with_tests(tmp_path, PRICES + wrong.removeprefix("\n"))
    good = tillpost(project, "test", "--unit", "--select", "a_price_is_a_number")
    assert (good.returncode, good.stdout) == (0, "1 of 1 unit tests passed\n")
    bad = tillpost(project, "test", "--unit", "--select", "prices")
    assert bad.returncode == 1
    assert "FAILED  prices: wrong (models/tests.yml:10)" in bad.stdout
    assert "1 of 2 unit tests passed" in bad.stdout
    typo = tillpost(project, "test", "--unit", "--select", "a_price_is_a_numbr")
    assert (typo.returncode, "try: a_price_is_a_number" in typo.stderr) == (2, True)


def test_tests_of_one_name_and_tags_are_told_apart(tmp_path: Path) -> None:
    other = PRICES.replace("model: prices", "model: dear") + "    config: {tags: nightly}\n"
    project = with_tests(tmp_path, PRICES + other.removeprefix("\n"))
    said = tillpost(project, "test", "--unit", "--select", "a_price_is_a_number,prices")
    assert (said.returncode, said.stdout) == (0, "1 of 1 unit tests passed\n")
    tagged = tillpost(project, "test", "--unit", "--select", "tag:nightly")
    assert "dear does not read source('raw', 'rows')" in tagged.stderr


def test_nothing_that_is_selected_is_no_success(tmp_path: Path) -> None:
    said = tillpost(with_tests(tmp_path, PRICES), "test", "--unit", "--select", "currencies")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("error: no test is selected")

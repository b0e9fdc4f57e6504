"""`tillpost why`: the whole story of one order, from its rows to the edge's answer."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from project_harness import Table, build, make_project, tillpost
from sending_harness import sandbox
from tillpost.errors import UsageError
from tillpost.pipeline.asking import Asked
from tillpost.pipeline.stories import Story
from tillpost.pipeline.why import why
from tillpost.pipeline.workspace import Options, open_workspace
from tillpost.report.stories import story_json, story_words

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEADER = "order_id,event_time,line_total,currency,email,phone,fn,ln,zip,country,line_no,version"
CUSTOMER = "jane.doe@example.com,+49 171 9716548,Jane,Doe,10115,de"
ROWS = f"""
good,2026-11-20T10:00:00Z,10.00,EUR,{CUSTOMER},1,1
good,2026-11-20T10:00:00Z,5.00,EUR,{CUSTOMER},2,1
cheap,2026-11-20T10:00:00Z,0.50,EUR,{CUSTOMER},1,1
old,2026-08-01T10:00:00Z,10.00,EUR,{CUSTOMER},1,1
odd,2026-11-20T10:00:00Z,10.00,XXQ,{CUSTOMER},1,1
again,2026-11-20T10:00:00Z,10.00,EUR,{CUSTOMER},1,1
again,2026-11-20T10:00:00Z,11.00,EUR,{CUSTOMER},1,2
00042,2026-11-20T10:00:00Z,10.00,EUR,{CUSTOMER},1,1
broken-4711,2026-11-20T10:00:00Z,10.00
""".strip()
RAW = ("jane.doe", "example.com", "9716548", "171 9", "Jane", "jane", "Doe", "10115")
TILLS = Table(
    name="tills.lines",
    files={"a": f"{HEADER}\n{ROWS}\n"},
    meta={"line_key": ["order_id", "line_no"], "version_by": "version"},
)
# A second export that is about the same sale.
SHOP = Table(
    name="shop.orders",
    files={
        "b": "order_id,event_time,order_total,currency,email,action_source\n"
        "good,2026-11-20T10:05:00Z,15.00,EUR,jane.doe@example.com,phone_call\n"
    },
    kind="parquet",
    meta={"row_key": ["order_id"]},
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_project(tmp_path_factory.mktemp("why"), [TILLS, SHOP])
    build(folder, now=NOW)
    return folder


@pytest.fixture
def own_project(tmp_path: Path) -> Path:
    return make_project(tmp_path, [TILLS])


def story_of(project: Path, **asked: object) -> Story:
    with chdir(project):
        workspace = open_workspace(Options(project_dir=Path.cwd(), now=NOW))
        return why(workspace, Asked(**asked))  # type: ignore[arg-type]


def buckets(story: Story) -> dict[str, str]:
    return {row.row_ref: row.bucket for row in story.rows}


def edit(project: Path, model: str, *, standing: str, by: str) -> None:
    (path,) = project.glob(f"models/**/{model}.sql")
    text = path.read_text()
    assert standing in text
    path.write_text(text.replace(standing, by))


def test_every_row_of_an_order_is_told_with_its_bucket(project: Path) -> None:
    assert buckets(story_of(project, order_id="good")) == {
        "tills.lines data/tills.lines/a.csv row 1": "pending",
        "tills.lines data/tills.lines/a.csv row 2": "folded",
        "shop.orders good": "duplicate",
    }


def test_a_duplicate_names_the_row_of_the_event_that_stands_for_it(project: Path) -> None:
    sales = story_of(project, order_id="good").sales
    (winner,) = [sale.duplicate_of for sale in sales if sale.duplicate_of]
    assert (winner.row_ref, winner.bucket) == (
        "tills.lines data/tills.lines/a.csv row 1",
        "pending",
    )


def test_a_repeated_row_names_the_one_that_replaced_it(project: Path) -> None:
    rows = story_of(project, order_id="again").rows
    assert {row.bucket: row.replaced_by for row in rows} == {
        "repeated": "tills.lines data/tills.lines/a.csv row 7",
        "pending": "",
    }


def test_a_reason_comes_with_its_meaning_and_the_window_with_its_date(project: Path) -> None:
    words = story_words(story_of(project, order_id="odd"))
    assert "bad_currency: Its currency is no ISO 4217 code in use" in words
    assert "until 2027-01-21 10:00:00 UTC, 58.9 days left" in words


def test_an_order_before_the_scope_is_told_with_both_dates(project: Path) -> None:
    (row,) = story_of(project, order_id="old").rows
    assert row.drop
    assert row.drop.scope_start == int(datetime(2026, 9, 21, 12, tzinfo=UTC).timestamp())
    words = story_words(story_of(project, order_id="old"))
    assert "a sale of 2026-08-01 10:00:00 UTC is older" in words
    assert "begins at 2026-09-21 12:00:00 UTC" in words


def test_a_line_that_does_not_parse_is_named_when_it_holds_the_id(project: Path) -> None:
    story = story_of(project, order_id="broken-4711")
    assert story.unreadable == ("data/tills.lines/a.csv:10",)
    assert "unreadable: data/tills.lines/a.csv:10" in story_words(story)


@pytest.mark.parametrize(
    ("model", "standing", "by", "cte", "condition"),
    [
        pytest.param(
            "stg_tills_lines",
            " where ",
            " where cast(line_total as decimal(9, 2)) > 1 and ",
            "final select",
            "where cast(line_total as decimal(9, 2)) > 1",
            id="in staging",
        ),
        pytest.param(
            "stg_tills_lines",
            " from {{ source('tills', 'lines') }})",
            " from {{ source('tills', 'lines') }} where order_id <> 'cheap')",
            "numbered",
            "where order_id <> 'cheap'",
            id="in a CTE of staging",
        ),
        pytest.param(
            "int_cleaned_sales",
            "from cleaned\n",
            "from cleaned\ninner join {{ ref('currencies') }} as known"
            " on cleaned.currency = known.currency and cleaned.line_total <> '0.50'\n",
            "final select",
            "inner join",
            id="by a join",
        ),
        pytest.param(
            "int_baskets",
            "where place = 1)",
            "where place = 1 and line_total > 1)",
            "first_lines",
            "where line_total > 1",
            id="where baskets are made",
        ),
        pytest.param(
            "int_scoped_lines",
            "from {{ ref('int_lines') }}),",
            "from {{ ref('int_lines') }} where line_total > 1),",
            "lines",
            "where line_total > 1",
            id="behind the first table",
        ),
    ],
)
def test_an_analysts_own_condition_is_found(  # noqa: PLR0913, PLR0917  a case has many parts
    own_project: Path, model: str, standing: str, by: str, cte: str, condition: str
) -> None:
    edit(own_project, model, standing=standing, by=by)
    build(own_project, now=NOW)
    story = story_of(own_project, order_id="cheap")
    drops = [row.drop for row in story.rows if row.drop]
    drops += [drop for sale in story.sales for drop in sale.drops]
    assert {(drop.model, drop.cte) for drop in drops} == {(model, cte)}
    assert all(condition in drop.condition for drop in drops)
    assert f"dropped by {model} (models/" in story_words(story)


@pytest.mark.parametrize("full", [False, True])
def test_nothing_personal_is_shown(project: Path, *, full: bool) -> None:
    story = story_of(project, order_id="good", is_full=full)
    for words in (story_words(story), story_json(story)):
        assert "j***@e***.com" in words
        assert "64 hex" in words
        assert not [raw for raw in RAW if raw in words]


def test_the_normal_form_is_told_by_its_shape(project: Path) -> None:
    story = story_of(project, order_id="good", is_full=True)
    fields = {field.name: field for field in story.sales[-1].fields}
    assert fields["ph"].written == ("+** *** *******",)
    assert fields["ph"].normal == ("************",)
    assert fields["fn"].normal == ("j***",)


@pytest.mark.parametrize(
    "asked",
    [
        {"row": "data/tills.lines/a.csv:2"},
        {"row": "tills.lines data/tills.lines/a.csv row 2"},
        {"row": "shop.orders good"},
    ],
)
def test_an_order_is_found_by_a_row(project: Path, asked: dict[str, str]) -> None:
    assert len(story_of(project, **asked).rows) == 3


def test_a_row_outside_the_scope_is_found(project: Path) -> None:
    (row,) = story_of(project, row="data/tills.lines/a.csv:4").rows
    assert row.drop
    assert row.drop.scope_start


@pytest.mark.parametrize(
    "asked", [{"email": " Jane.Doe@Example.com"}, {"phone": "0171 9716548", "country": "Germany"}]
)
def test_a_customer_is_found_by_hash(project: Path, asked: dict[str, str]) -> None:
    found = {sale.order_id for sale in story_of(project, **asked).sales}
    assert found == {"good", "cheap", "again", "00042"}


def test_an_event_is_found_by_its_key(project: Path) -> None:
    (sale,) = story_of(project, order_id="00042").sales
    assert story_of(project, event_key=str(sale.event_key)).sales == (sale,)


@pytest.mark.parametrize("near", ["42", "0042", "00-042"])
def test_an_id_written_otherwise_is_a_hint(project: Path, near: str) -> None:
    with pytest.raises(UsageError, match="nothing is known of order") as raised:
        story_of(project, order_id=near)
    assert raised.value.fix.endswith("00042")


@pytest.mark.parametrize("asked", [{}, {"order_id": "good", "row": "x:1"}, {"event_key": "x"}])
def test_one_thing_is_asked_for(project: Path, asked: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        story_of(project, **asked)


@pytest.fixture(scope="module")
def edge() -> Iterator[str]:
    with sandbox() as address:
        yield address


def test_the_ledgers_part_has_batch_and_trace(tmp_path: Path, edge: str) -> None:
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    rows = f"sent,{yesterday},10.00,EUR,{CUSTOMER},1,1\n"
    table = replace(TILLS, files={"a": f"{HEADER}\n{rows}"})
    folder = make_project(tmp_path, [table], edge_url=edge)
    ran = tillpost(folder, "run")
    assert ran.returncode == 0, ran.stderr
    story = story_of(folder, order_id="sent")
    assert [each.state for each in story.written] == ["leaving", "accepted"]
    assert story.written[-1].fbtrace_id
    assert story.written[-1].fbtrace_id in story_words(story)


def test_the_command_answers_programs_and_reads_an_email_from_stdin(project: Path) -> None:
    words = [sys.executable, "-m", "tillpost", "why", "--email", "-", "--output", "json"]
    ran = subprocess.run(
        words,
        cwd=project,
        input="jane.doe@example.com\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(json.loads(ran.stdout)["sales"]) == 5
    assert "jane.doe" not in ran.stdout


def test_what_another_process_holds_is_to_be_tried_later(project: Path) -> None:
    holding = (
        "import duckdb, sys; c = duckdb.connect('.tillpost/build.duckdb');"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding],
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        ran = tillpost(project, "why", "good")
        holder.communicate()
    assert ran.returncode == 4, ran.stderr
    assert "holds" in ran.stderr

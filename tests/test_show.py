"""`tillpost show`: rows of a model, personal columns masked unless a person looks at a terminal."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from project_harness import Table, make_project, tillpost
from sending_harness import TILLPOST

MOMENT = "2026-11-20T10:00:00Z"
ROWS = (
    "order_id,event_time,order_total,currency,email\n"
    f"A1,{MOMENT},10.00,EUR,ada@example.com\n"
    f"A2,{MOMENT},11.00,EUR,\x1b]0;mine\x07@example.com\n"
)
SHOW = ("show", "-s", "stg_sales_rows")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = Table(name="sales.rows", files={"one": ROWS})
    project = make_project(tmp_path_factory.mktemp("show"), [table], edge_url="http://127.0.0.1:9")
    assert tillpost(project, "build", "-q").returncode == 0
    return project


def on_a_terminal(project: Path, *words: str) -> tuple[int, str]:
    """What a person sees, and the exit code."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([*TILLPOST, *words], cwd=project, stdout=theirs, stderr=theirs) as done:
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 65_536):
                seen += part
        except OSError:  # Linux says so when the other side has ended
            pass
    os.close(ours)
    return done.returncode, seen.decode()


def test_personal_columns_are_masked(built: Path) -> None:
    for said in (tillpost(built, *SHOW).stdout, on_a_terminal(built, *SHOW)[1]):
        assert "A1" in said
        assert "ada" not in said


@pytest.mark.parametrize(
    "columns", ["rows", "columns('(em).*') as 'x_\1'", "#5 as x"], ids=["row", "pattern", "place"]
)
def test_names_that_stand_nowhere_are_masked(built: Path, columns: str) -> None:
    model = built / "models" / "staging" / "shown.sql"
    model.write_text(f"select {columns} from {{{{ source('sales', 'rows') }}}} as rows\n")
    said = tillpost(built, "show", "-s", "shown")
    model.unlink()
    assert said.returncode == 0, said.stderr
    assert "***" in said.stdout
    assert "mine" not in said.stdout


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("select count(*) as n from {{ ref('stg_sales_rows') }};", "\n2\n"),
        ("select order_id, email as who from {{ ref('stg_sales_rows') }}", "\nA1        ***@***\n"),
        ("select upper(email) from {{ source('sales', 'rows') }}", "\n***@***\n"),
        ("select left(email, 3) as who from {{ ref('stg_sales_rows') }}", "\n***\n"),
    ],
)
def test_a_query_is_shown_and_masked_as_a_model_is(built: Path, query: str, shown: str) -> None:
    said = tillpost(built, "show", "--inline", query)
    assert said.returncode == 0, said.stderr
    assert shown in said.stdout
    assert "ada" not in said.stdout.lower()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select * from read_csv('data/sales.rows/one.csv')", "this reads what is no declared"),
        ("drop table build_stamp", "this must be one select, and nothing else"),
        ("select 1 as a; select 2 as a", "this must be one select, and nothing else"),
        ("select * from {{ ref('stg_sale_rows') }}", '--inline:1  there is no model or seed "stg_'),
    ],
)
def test_a_query_reaches_no_further_than_a_model(built: Path, query: str, told: str) -> None:
    said = tillpost(built, "show", "--inline", query)
    assert (said.returncode, said.stdout) == (2, "")
    assert told in said.stderr


def test_a_query_is_compiled(built: Path) -> None:
    said = tillpost(built, "compile", "--inline", "select * from {{ ref('events') }}")
    assert (said.returncode, said.stdout) == (0, "select * from main.events\n")


def test_one_thing_is_shown(built: Path) -> None:
    for words in ((), ("--inline", "select 1 as a", "-s", "events"), ("--inline", "")):
        said = tillpost(built, "show", *words)
        assert (said.returncode, "what shall be shown?" in said.stderr) == (2, True)


def test_a_model_that_ends_with_a_semicolon_is_shown(built: Path) -> None:
    model = built / "models" / "staging" / "shown.sql"
    model.write_text("select order_id from {{ ref('stg_sales_rows') }} ;\n")
    said = tillpost(built, "show", "-s", "shown")
    model.unlink()
    assert "A1" in said.stdout, said.stderr


def test_a_mistake_is_told_on_its_line(built: Path) -> None:
    model = built / "models" / "staging" / "shown.sql"
    model.write_text("-- mine\nselect\n    nope\nfrom {{ ref('stg_sales_rows') }}\n")
    said = tillpost(built, "show", "-s", "shown")
    model.unlink()
    assert said.stderr.startswith("error: models/staging/shown.sql:3:5  Referenced column"), said


def test_a_person_at_a_terminal_may_look(built: Path) -> None:
    code, seen = on_a_terminal(built, *SHOW, "--unmask")
    assert (code, "ada@example.com" in seen) == (0, True)


def test_data_tells_a_terminal_nothing(built: Path) -> None:
    _, seen = on_a_terminal(built, *SHOW, "--unmask")
    assert "\x1b" not in seen
    assert "\ufffd]0;mine\ufffd@example.com" in seen


def test_a_pipe_gets_nobody(built: Path) -> None:
    said = tillpost(built, *SHOW, "--unmask")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == (
        "error: --unmask shows customers, and stdout is no terminal\n"
        "  a file, a pipe or a log would keep them\n"
        "  try: the same on a terminal, or without --unmask\n"
    )

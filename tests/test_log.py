"""What stderr is told for machines: a line of JSON each, under codes that stay."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from project_harness import ROOT, Table, make_project, tillpost
from tillpost.cli.log import LEVELS

Line = dict[str, Any]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    row = f"order_id,event_time,order_total\nA1,{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z,9.5\n"
    folder = tmp_path_factory.mktemp("log") / "shop"
    return make_project(folder, [Table(name="sales.rows", files={"one": row})])


@pytest.fixture
def project(shop: Path, tmp_path: Path) -> Path:
    return shutil.copytree(shop, tmp_path / "shop")


def logged(project: Path, *words: str) -> tuple[int, list[Line]]:
    said = tillpost(project, "--log-format", "json", *words)
    return said.returncode, [json.loads(line) for line in said.stderr.splitlines()]


def test_a_build_tells_each_step_and_its_end(project: Path) -> None:
    code, lines = logged(project, "build")
    assert code == 0
    assert (lines[0]["code"], lines[0]["command"]) == ("command_began", "build")
    assert (lines[-1]["code"], lines[-1]["exit_code"]) == ("command_ended", 0)
    assert lines[-1]["seconds"] > 0
    steps = [line for line in lines if line["code"] == "step"]
    assert {step["stage"] for step in steps} == {"read", "build", "test"}
    assert [s["name"] for s in steps if s["stage"] == "build"].count("events") == 1
    assert all(set(s) == {"at", "level", "code", "stage", "name", "done", "total"} for s in steps)
    assert lines == sorted(lines, key=lambda line: line["at"])


def test_a_failed_test_is_an_end_too(project: Path) -> None:
    (project / "models/mine.sql").write_text("select 1 as a")
    (project / "models/mine.yml").write_text(
        "unit_tests: [{name: two, model: mine, expect: {rows: [{a: 2}]}}]"
    )
    code, lines = logged(project, "test", "--unit", "--select", "mine")
    assert (code, lines[-1]["code"], lines[-1]["exit_code"]) == (1, "command_ended", 1)


def test_quiet_leaves_the_steps_out(project: Path) -> None:
    _, lines = logged(project, "build", "--quiet")
    assert [line["code"] for line in lines] == ["command_began", "command_ended"]


def test_all_mistakes_are_lines_of_their_own(project: Path) -> None:
    for name in ("int_places", "int_verdicts"):
        path = project / f"models/intermediate/{name}.sql"
        path.write_text(path.read_text() + "\nwhere nothing = 1\n")
    code, lines = logged(project, "compile")
    errors = [line for line in lines if line["code"] == "error"]
    assert [error["what"] for error in errors] == ['there is no column "nothing" here'] * 2
    assert re.fullmatch(r"models/intermediate/int_places\.sql:\d+:7", errors[0]["where"])
    assert {error["exit_code"] for error in errors} == {code} == {2}
    assert {error["level"] for error in errors} == {"error"}


def test_a_wrong_command_line_is_one_too(project: Path) -> None:
    code, lines = logged(project, "build", "--nothing-like-it")
    assert code == 2
    assert [line["code"] for line in lines] == ["command_began", "error", "command_ended"]
    assert "--nothing-like-it" in lines[1]["what"]


def test_the_environment_may_ask_for_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLPOST_LOG_FORMAT", "json")
    said = tillpost(project, "compile", "--select", "events")
    assert [json.loads(line)["code"] for line in said.stderr.splitlines()] == [
        "command_began",
        "command_ended",
    ]
    assert said.stdout.startswith("-- One row per event")


def test_words_stay_words(project: Path) -> None:
    assert tillpost(project, "compile").stderr == ""


def test_the_codes_are_those_of_the_document() -> None:
    text = (ROOT / "docs/scheduling.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \| (info|warning|error) \|", text, re.MULTILINE)
    assert dict(told) == LEVELS

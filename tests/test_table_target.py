"""The project over a table, as elsewhere, in DuckDB; and sending what others built there."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from project_harness import LEDGER, tillpost
from sending_harness import held, sandbox
from warehouse_project import COLUMNS, RAW, edge, lines, make_project

RECEIPTS, KNOWN = 100, 90
BUILD = ".tillpost/build.duckdb"


@pytest.fixture
def address() -> Iterator[str]:
    with sandbox() as started:
        yield started


def target(address: str, **settings: object) -> dict[str, object]:
    place = {"type": "duckdb", "path": BUILD, "threads": 2, "ledger": LEDGER}
    return {**place, "edge": edge(address), **settings}


def make_shop(folder: Path, address: str, *, columns: str = RAW) -> Path:
    shop = make_project(folder, {"tables": target(address)})
    (shop / ".tillpost").mkdir()
    with duckdb.connect(shop / BUILD) as connection:
        connection.execute("create schema till")
        connection.execute(columns)
        marks = ", ".join("?" for _ in COLUMNS)
        rows = [list(row) for row in lines(RECEIPTS)]
        connection.executemany(f"insert into till.lines values ({marks})", rows)
    return shop


def test_the_project_runs_over_a_table_of_duckdb(address: str, tmp_path: Path) -> None:
    shop = make_shop(tmp_path, address)
    first, second = tillpost(shop, "run"), tillpost(shop, "run")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert held(address) == {"stored": KNOWN, "duplicates": 0, "refused_requests": 0}


def test_what_another_tool_built_in_duckdb_is_sent_once(address: str, tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "shop", address)
    assert tillpost(shop, "build").returncode == 0
    sender = tmp_path / "sender"
    sender.mkdir()
    (sender / "dbt_project.yml").write_text("name: sender\nprofile: tillpost\n")
    output = target(address, path=str(shop / BUILD), relation="main.events")
    profile = {"tillpost": {"target": "theirs", "outputs": {"theirs": output}}}
    (sender / "profiles.yml").write_text(yaml.safe_dump(profile))
    first, second = tillpost(sender, "send"), tillpost(sender, "send")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert held(address) == {"stored": KNOWN, "duplicates": 0, "refused_requests": 0}


def test_a_column_of_another_type_is_told_with_its_model(address: str, tmp_path: Path) -> None:
    shop = make_shop(tmp_path, address, columns=RAW.replace("sold_at varchar", "sold_at timestamp"))
    built = tillpost(shop, "build")
    assert built.returncode == 2
    assert "models/staging/stg_lines.sql" in built.stderr
    assert "Traceback" not in built.stderr

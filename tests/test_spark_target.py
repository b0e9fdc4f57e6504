"""A target in Spark on this machine: built, sent once, kept for the next command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from project_harness import tillpost
from sending_harness import held, ledger, sandbox
from warehouse_project import COLUMNS, edge, lines, make_project

pytestmark = pytest.mark.slow

RECEIPTS, KNOWN = 60, 54
SETTINGS = {"spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "2"}
# A process of its own: the Spark of a machine keeps its tables for one process at a time.
SELL = """
import json, sys
from pathlib import Path
from tillpost.engines import open_engine
settings, columns, rows = json.load(sys.stdin)
with open_engine(settings, root=Path.cwd(), where="the test") as engine:
    engine.execute("create database if not exists till", where="the test")
    if len(sys.argv) > 1:
        fields = ", ".join(f"{name} string" for name in columns)
        engine.execute(f"create table till.lines ({fields})", where="the test")
    engine.insert("till.lines", rows)
"""


def sell(shop: Path, rows: list[tuple[str | None, ...]], *words: str) -> None:
    """Add lines of receipts, to a table that is made if a word is said."""
    profile = yaml.safe_load((shop / "profiles.yml").read_text())
    settings = profile["tillpost"]["outputs"]["spark"] | {"schema": "tillpost"}
    subprocess.run(
        [sys.executable, "-c", SELL, *words],
        input=json.dumps([settings, COLUMNS, rows]),
        cwd=shop,
        check=True,
        text=True,
        capture_output=True,
    )


def test_a_target_in_spark_sends_everything_once(tmp_path: Path) -> None:
    output = {
        "type": "spark",
        "threads": 2,
        "settings": SETTINGS,
        "ledger": "tillpost_ledger.duckdb",
    }
    with sandbox() as address:
        shop = make_project(tmp_path, {"spark": {**output, "edge": edge(address)}})
        sell(shop, lines(RECEIPTS), "new")
        first, second = tillpost(shop, "run"), tillpost(shop, "run")
        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        assert held(address) == {"stored": KNOWN, "duplicates": 0, "refused_requests": 0}
        assert ": nothing to send" in second.stdout + second.stderr
        sell(shop, lines(10, first=RECEIPTS))
        third = tillpost(shop, "run")
        assert held(address)["stored"] == KNOWN + 9, third.stderr
        shown = tillpost(shop, "show", "-s", "stg_lines", "--limit", "3").stdout
    counts = ledger(shop, "select state, count(*) from entries group by state order by state")
    assert counts == [("accepted", KNOWN + 9), ("leaving", KNOWN + 9)]
    assert "***" in shown
    assert "ustomer" not in shown
    assert not (shop / "metastore_db").exists()
    assert not (shop / "spark-warehouse").exists()

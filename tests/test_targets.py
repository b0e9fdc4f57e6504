"""One project folder, unchanged, on three engines: what leaves is the same, event by event."""

import json
from pathlib import Path

import duckdb
import psycopg
import pytest

from engine_probes import postgres_server
from sending_harness import recorder_before, sandbox
from test_spark_target import SETTINGS, sell, tillpost
from warehouse_project import COLUMNS, RAW, edge, lines, make_project

RECEIPTS, KNOWN = 60, 54
BUILD = ".tillpost/build.duckdb"


def fill_duckdb(shop: Path, rows: list[tuple[str | None, ...]]) -> None:
    with duckdb.connect(shop / BUILD) as connection:
        connection.execute("create schema till")
        connection.execute(RAW)
        marks = ", ".join("?" for _ in COLUMNS)
        connection.executemany(f"insert into till.lines values ({marks})", [list(r) for r in rows])


def fill_postgres(address: str, rows: list[tuple[str | None, ...]]) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("create schema till")
        connection.execute(RAW.encode())
        with connection.cursor().copy("copy till.lines from stdin") as writer:
            for row in rows:
                writer.write_row(row)


def sent(shop: Path, target: str) -> set[str]:
    """The events of a run, each as its JSON; they must have been taken."""
    with sandbox() as address, recorder_before(address) as recorder:
        profile = (shop / "profiles.yml").read_text()
        (shop / "profiles.yml").write_text(
            profile.replace("https://edge.example", recorder.address)
        )
        done = tillpost(shop, "run", "--target", target)
        (shop / "profiles.yml").write_text(profile)
        assert done.returncode == 0, done.stderr
        assert {request.status for request in recorder.requests} == {200}
        return {json.dumps(each) for request in recorder.requests for each in request.body["data"]}


@pytest.mark.slow
def test_one_folder_runs_on_three_engines(tmp_path: Path) -> None:
    rows = lines(RECEIPTS)
    with postgres_server() as server:
        host = server.split()[0].removeprefix("host=")
        there = {"type": "postgres", "host": host, "user": "postgres", "dbname": "postgres"}
        outputs: dict[str, dict[str, object]] = {
            "spark": {
                "type": "spark",
                "threads": 2,
                "settings": SETTINGS,
                "ledger": {**there, "schema": "spark_ledger"},
            },
            "duckdb": {"type": "duckdb", "path": BUILD, "ledger": "d.duckdb"},
            "postgres": there,
        }
        for output in outputs.values():
            output["edge"] = edge("https://edge.example")
        shop = make_project(tmp_path, outputs)
        (shop / ".tillpost").mkdir()
        fill_duckdb(shop, rows)
        fill_postgres(server, rows)
        sell(shop, rows, "new")
        events = {target: sent(shop, target) for target in outputs}
    assert len(events["duckdb"]) == KNOWN
    assert events["postgres"] == events["duckdb"]
    assert events["spark"] == events["duckdb"]

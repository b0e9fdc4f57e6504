"""A target in Spark on this machine: built, sent once, kept for the next command."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from project_harness import LEDGER
from sending_harness import held, ledger, sandbox
from tillpost.engines import open_engine
from tillpost.errors import UsageError
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


SERVE = """
import sys
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local[2]").config("spark.driver.memory", "2g")
settings = {
    "plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "connect.grpc.binding.port": sys.argv[1],
    "sql.warehouse.dir": sys.argv[2],
    "sql.shuffle.partitions": "2",
    "ui.enabled": "false",
    "log.level": "OFF",
}
for name, value in settings.items():
    builder = builder.config(f"spark.{name}", value)
builder.getOrCreate()
print("serves", flush=True)
sys.stdin.read()
"""


def tillpost(shop: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that starts by itself: the Java of a Spark here begins and ends with it."""
    command = [sys.executable, "-m", "tillpost", *words]
    return subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False)


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


@contextmanager
def spark_server(folder: Path) -> Iterator[str]:
    """A Spark that speaks Spark Connect, at an address of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-c", SERVE, str(port), str(folder / "warehouse")]
    with subprocess.Popen(
        words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout
        assert server.stdin
        assert server.stdout.readline() == b"serves\n"
        yield f"sc://127.0.0.1:{port}"
        server.stdin.close()


def target(**settings: object) -> dict[str, object]:
    return {"type": "spark", "threads": 2, "ledger": LEDGER, **settings}


def test_a_spark_of_this_machine_sends_everything_once(tmp_path: Path) -> None:
    with sandbox() as address:
        output = target(settings=SETTINGS, edge=edge(address))
        shop = make_project(tmp_path, {"spark": output})
        sell(shop, lines(RECEIPTS), "new")
        done = tillpost(shop, "build")
        assert done.returncode == 0, done.stderr
        # Another process finds what was built.
        first, second = tillpost(shop, "send"), tillpost(shop, "send")
        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        assert held(address) == {"stored": KNOWN, "duplicates": 0, "refused_requests": 0}
    shown = tillpost(shop, "show", "-s", "int_scoped_lines", "--limit", "3")
    assert "R-" in shown.stdout, shown.stderr
    folders = {path.name for path in shop.iterdir()}
    assert folders & {"metastore_db", "spark-warehouse", "derby.log"} == set()


def test_a_spark_at_an_address_sends_everything_once(tmp_path: Path) -> None:
    with sandbox() as address, spark_server(tmp_path) as url:
        shop = make_project(tmp_path / "shop", {"spark": target(url=url, edge=edge(address))})
        sell(shop, lines(RECEIPTS), "new")
        first, second = tillpost(shop, "run"), tillpost(shop, "run")
        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        assert held(address) == {"stored": KNOWN, "duplicates": 0, "refused_requests": 0}
        sell(shop, lines(10, first=RECEIPTS))
        third = tillpost(shop, "run")
        assert held(address)["stored"] == KNOWN + 9, third.stderr
        shown = tillpost(shop, "show", "-s", "stg_lines", "--limit", "3").stdout
        wrong = tillpost(shop, "show", "-s", "nothing")
    counts = ledger(shop, "select state, count(*) from entries group by state order by state")
    assert counts == [("accepted", KNOWN + 9), ("leaving", KNOWN + 9)]
    assert "***" in shown
    assert "ustomer" not in shown
    assert wrong.returncode == 2


def test_a_spark_that_does_not_answer_is_told(tmp_path: Path) -> None:
    nowhere = target(url="sc://127.0.0.1:1", edge=edge("http://127.0.0.1:1"))
    shop = make_project(tmp_path, {"spark": nowhere})
    built = tillpost(shop, "build")
    assert built.returncode == 4
    assert "Spark at 127.0.0.1 does not answer" in built.stderr
    assert "Traceback" not in built.stderr


@pytest.mark.parametrize(
    "setting", ["spark.io.encryption.enabled", "spark.hadoop.fs.permissions.umask-mode"]
)
def test_no_profile_opens_what_spark_writes_here(tmp_path: Path, setting: str) -> None:
    output = {"type": "spark", "schema": "tillpost", "settings": {setting: "false"}}
    with (
        pytest.raises(UsageError, match="is not for a profile"),
        open_engine(output, root=tmp_path, where="profiles.yml dev"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []

"""The same customers in a table of a warehouse: PostgreSQL's, or Spark's on this machine."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from canary_project import Shop
from canary_rows import rows
from engine_probes import postgres_server
from warehouse_project import COLUMNS, RAW, edge, make_project

_TAKEN = {"receipt": "order_id", "article": "sku", "total": "line_total"}
_SPARK = {"spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "2"}
_SPARK_TABLE = f"create table till.lines ({', '.join(f'{name} string' for name in COLUMNS)})"
# A process of its own: the Spark of a machine keeps its tables for one process at a time.
_SELL = """
import json, sys
from pathlib import Path
from tillpost.engines import open_engine
settings, table, rows = json.load(sys.stdin)
with open_engine(settings, root=Path.cwd(), where="the test") as engine:
    engine.execute("create database if not exists till", where="the test")
    engine.execute(table, where="the test")
    engine.insert("till.lines", rows)
"""


# What a shuffle writes, as it lies on the disk: nothing of it is compressed.
_SPILL = """
import sys
from pathlib import Path
from tillpost.engines import open_engine, spark_home
spark_home.LOCAL["spark.io.encryption.enabled"] = sys.argv[1]  # what no profile can say
settings = {"spark.driver.memory": "2g", "spark.shuffle.compress": "false"}
output = {"type": "spark", "schema": "tillpost", "settings": settings}
with open_engine(output, root=Path.cwd(), where="the test") as engine:
    rows = f"select concat('{sys.argv[2]}', id) as email from range(10000)"
    engine.query(f"select email, count(*) from ({rows}) group by email", where="the test")
    for path in Path(".tillpost/spark/spill").rglob("shuffle_*.data"):
        sys.stdout.buffer.write(path.read_bytes())
"""


def _lines(count: int) -> list[list[str]]:
    """Each receipt once: a table's rows are told apart by their keys."""
    receipts = {cells["order_id"]: cells for cells in rows(count) if cells["order_id"]}
    return [[cells[_TAKEN.get(name, name)] for name in COLUMNS] for cells in receipts.values()]


def _new_shop(folder: Path, output: dict[str, object]) -> Shop:
    shop = Shop(root=folder / "searched", exports=folder / "exports", mask=0o022)
    shop.root.mkdir()
    make_project(shop.folder, {"sandbox": output})
    return shop


@contextmanager
def postgres_shop(folder: Path, *, edge_url: str, count: int) -> Iterator[Shop]:
    """A shop in a PostgreSQL of its own, whose address its output says."""
    with postgres_server() as address, psycopg.connect(address, autocommit=True) as connection:
        connection.execute("create schema till")
        connection.execute(RAW.encode())
        with connection.cursor().copy(f"copy till.lines ({', '.join(COLUMNS)}) from stdin") as copy:
            for line in _lines(count):
                copy.write_row(line)
        host, user, name = (part.partition("=")[2] for part in address.split())
        place = {"type": "postgres", "host": host, "user": user, "dbname": name}
        yield _new_shop(folder, {**place, "schema": "tillpost", "edge": edge(edge_url)})


def spark_shop(folder: Path, *, edge_url: str, count: int) -> Shop:
    """A shop in a Spark on this machine."""
    output = {"type": "spark", "schema": "tillpost", "settings": _SPARK, "edge": edge(edge_url)}
    shop = _new_shop(folder, output)
    subprocess.run(
        [sys.executable, "-c", _SELL],
        input=json.dumps([output, _SPARK_TABLE, _lines(count)]),
        cwd=shop.folder,
        check=True,
        text=True,
        capture_output=True,
        umask=0o077,
    )
    return shop


def spark_spill(folder: Path, *, mark: str, is_encrypted: bool) -> bytes:
    """What a Spark on this machine writes to its disk while it groups rows that hold a mark."""
    words = [sys.executable, "-c", _SPILL, str(is_encrypted).lower(), mark]
    return subprocess.run(words, cwd=folder, check=True, capture_output=True).stdout

"""A Spark of this machine: where it keeps its tables, and what it finds there again."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from pyspark.sql import SparkSession

from tillpost.errors import UsageError

HOME = Path(".tillpost", "spark")
PRIVATE_FOLDER = 0o700
# On this machine nothing listens, and what spills is encrypted.
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.io.encryption.enabled": "true",
    # Hadoop sets the modes of its files itself, whatever the process's own mask says.
    "spark.hadoop.fs.permissions.umask-mode": "077",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.log.level": "OFF",
    "spark.sql.shuffle.partitions": "8",
}
# What keeps its files from others is no profile's affair.
PRIVATE = ("spark.io.encryption.enabled", "spark.hadoop.fs.permissions.umask-mode")
# Spark's log may quote rows; what went wrong is told by the error that it raises.
QUIET = """\
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
"""


def settings_errors(given: Iterable[str], *, where: str) -> list[UsageError]:
    """An error for each setting that would open to others what Spark writes on this machine."""
    return [
        UsageError(
            f'"{name}" is not for a profile: what Spark writes here is encrypted, and its owner\'s',
            where=f"{where}.settings",
            fix="take it out",
        )
        for name in given
        if name in PRIVATE
    ]


def places(root: Path) -> dict[str, str]:
    """Where a Spark on this machine keeps its tables and what spills."""
    home = root / HOME
    home.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    (home / "log4j2.properties").write_text(QUIET, encoding="utf-8")
    # Only the environment reaches the Java process before it says its first word.
    os.environ.setdefault("SPARK_CONF_DIR", str(home))
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return {
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.local.dir": str(home / "spill"),
    }


def find_tables(session: SparkSession, root: Path) -> None:
    """Tell a new Spark of the tables that another process left on this machine.

    The list of tables that Spark itself could keep on disk holds no view as long as ours are.
    """
    for folder in sorted((root / HOME / "warehouse").glob("*.db/*")):
        if not any(folder.glob("*.parquet")):
            shutil.rmtree(folder)  # made, and never written to
            continue
        schema = folder.parent.stem
        session.sql(f"create database if not exists {schema}")
        session.sql(
            f"create table if not exists {schema}.{folder.name} using parquet"
            f" location '{folder.as_uri()}'"
        )

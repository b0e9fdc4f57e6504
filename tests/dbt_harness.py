"""The real dbt, in an environment of its own, on a project that Tillpost builds as well."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from project_harness import ROOT, build
from recipes import environment, run

BUILD = ".tillpost/build.duckdb"
QUIET = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "NO_COLOR": "1"}
WORDS = {"error": "fail", "warn": "warn"}
"""What dbt calls a test with bad rows, by severity."""
PARTS = ("dbt_project.yml", "models", "macros", "seeds", "tests/sql")


def dbt_home() -> Path:
    """The folder of the commands `dbt` and its `python`."""
    return environment("dbt")


def dbt(
    project: Path, *words: str, as_of: str = "", is_good: bool = True
) -> subprocess.CompletedProcess[str]:
    """A command of dbt's in the project's folder, with the project's own profile."""
    clock = ["--vars", json.dumps({"as_of": as_of})] if as_of else []
    done = subprocess.run(
        [str(dbt_home() / "dbt"), *words, *clock],
        cwd=project,
        env={**os.environ, **QUIET, "DBT_PROFILES_DIR": str(project)},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=400,
    )
    assert (done.returncode == 0) is is_good, done.stdout[-5000:] + done.stderr
    return done


def dbt_verdicts(project: Path) -> dict[str, str]:
    """What the last command of dbt's found, by the test's name: pass, warn or fail.

    dbt's own names say the arguments as well, after two underscores.
    """
    found = json.loads((project / "target" / "run_results.json").read_text())["results"]
    return {
        each["unique_id"].split(".")[2].partition("__")[0]: each["status"]
        for each in found
        if each["unique_id"].startswith("test.")
    }


def lay_down_repository(folder: Path, *, as_of: str, lines: int) -> Path:
    """This repository's project with its example profile, over a small retailer's data."""
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        copy(ROOT / part, folder / part)
    shutil.copyfile(ROOT / "profiles.example.yml", folder / "profiles.yml")
    data = ["--out", str(folder / "examples" / "data"), "--as-of", as_of, "--lines", str(lines)]
    run([sys.executable, str(ROOT / "examples" / "make_data.py"), *data])
    return folder


@dataclass(frozen=True, kw_only=True)
class TwoBuilds:
    """Two databases of one project's relations, side by side, and what either said of its tests."""

    project: Path
    ours: Path
    theirs: Path
    our_verdicts: dict[str, str]
    their_verdicts: dict[str, str]

    def relations(self, whose: str) -> dict[str, tuple[tuple[str, str, str], ...]]:
        """By name: whether it is a table, and its columns with their types."""
        rows = self._ask(
            "select table_name, table_type, column_name, data_type"
            " from information_schema.tables inner join information_schema.columns"
            " using (table_catalog, table_schema, table_name)"
            f" where table_catalog = '{whose}' and table_schema = 'main'"
            " order by table_name, ordinal_position"
        )
        found: dict[str, tuple[tuple[str, str, str], ...]] = {}
        for name, *column in rows:
            found[name] = (*found.get(name, ()), tuple(column))
        return found

    def differing(self, relation: str, *, where: str = "true") -> int:
        """How many rows only one of the two has."""
        mine, yours = (
            f"(select * from {whose}.main.{relation} where {where})" for whose in ("ours", "theirs")
        )
        return int(
            self._ask(
                f"select count(*) from (({mine} except all {yours})"
                f" union all ({yours} except all {mine}))"
            )[0][0]
        )

    def _ask(self, question: str) -> list[tuple[Any, ...]]:
        with chdir(self.project), duckdb.connect() as connection:  # views read the source's files
            connection.execute(f"attach '{self.ours}' as ours (read_only)")
            connection.execute(f"attach '{self.theirs}' as theirs (read_only)")
            return connection.execute(question).fetchall()


def build_twice(project: Path, *, now: datetime, is_good: bool) -> TwoBuilds:
    """Build with Tillpost, put that aside, and build with dbt."""
    summary = build(project, now=now)
    ours, theirs = project / ".tillpost" / "ours.duckdb", project / BUILD
    theirs.rename(ours)
    dbt(project, "build", as_of=now.isoformat(), is_good=is_good)
    return TwoBuilds(
        project=project,
        ours=ours,
        theirs=theirs,
        our_verdicts={
            test.name: WORDS[test.severity] if test.failures else "pass" for test in summary.tests
        },
        their_verdicts=dbt_verdicts(project),
    )

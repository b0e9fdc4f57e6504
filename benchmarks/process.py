"""A command in a process of its own: how long it took, and the most memory that it held.

Linux counts for a process what its parent held when it was started, so whoever measures must be
small: it imports no database.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
PYTHON = sys.executable
TILLPOST = (PYTHON, "-m", "tillpost")
LAST_WORDS = 600
WORK_FOLDER = re.compile(r"\S*/tillpost-bench-\w+/")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a command took, and what it said."""

    code: int
    seconds: float
    megabytes: int
    said: str
    complained: str

    @property
    def last_line(self) -> dict[str, Any]:
        """The line of JSON that a benchmark ends with."""
        lines = self.said.strip().splitlines()
        with suppress(ValueError, IndexError):
            found = json.loads(lines[-1])
            if isinstance(found, dict):
                return found
        return {}

    def as_json(self) -> dict[str, Any]:
        """For the results; of a failure the end of its words."""
        taken = {"seconds": round(self.seconds, 3), "peak_mb": self.megabytes}
        words = WORK_FOLDER.sub("", self.complained)[-LAST_WORDS:]
        fault = {"code": self.code, "failed": words} if self.code else {}
        return taken | self.last_line | fault


def measured(
    *words: str | Path, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> Taken:
    """Run a command to its end, whatever that is."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603  commands of this folder only
            [str(word) for word in words],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **(environ or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (out, err):
            file.seek(0)
        return Taken(
            code=process.returncode,
            seconds=seconds,
            megabytes=usage.ru_maxrss // 1024,
            said=out.read().decode(errors="replace"),
            complained=err.read().decode(errors="replace"),
        )


def script(name: str, *words: str | Path | int, python: Path | str = PYTHON) -> Taken:
    """Run a script of this folder."""
    return measured(python, HERE / name, *(str(word) for word in words))


def needed(taken: Taken) -> Taken:
    """Something that all else rests on.

    Raises:
        SystemExit: it failed.
    """
    if taken.code:
        raise SystemExit(f"{taken.said}\n{taken.complained}")
    return taken

"""What the command line says of the engine: it wins over the profile."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillpost.errors import UsageError

_SIZE = re.compile(r"\s*\d+(\.\d+)?\s*[KMGT]i?B\s*", re.IGNORECASE)
# Older names that DuckDB still takes: one setting under two names would be said twice.
_OLDER = {"max_memory": "memory_limit", "worker_threads": "threads"}


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """How much of the machine the models may take, and where they spill to."""

    threads: int | None = None
    memory_limit: str | None = None
    temp_dir: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a size that cannot be read."""
        if self.memory_limit is not None and not _SIZE.fullmatch(self.memory_limit):
            raise UsageError(
                "how much memory DuckDB may take cannot be read",
                where="--memory-limit",
                fix="a number with its unit, such as 512MB or 1.5GB",
            )

    def over(self, output: dict[str, Any]) -> dict[str, Any]:
        """A profile's output with these in place of its own.

        Raises:
            UsageError: its engine is none that they could be told to.
        """
        threads = {} if self.threads is None else {"threads": self.threads}
        if output.get("type") != "duckdb":
            self._require_none_of_duckdb(str(output.get("type")))
            return {**output, **threads}
        said = {"memory_limit": self.memory_limit, "temp_directory": self.temp_dir}
        names = {str(each).lower(): each for each in output.get("settings") or {}}
        settings = {
            _OLDER.get(name, name): output["settings"][each] for name, each in names.items()
        }
        settings |= {name: str(value) for name, value in said.items() if value is not None}
        # DuckDB takes its threads from either place, and the settings win.
        return {**output, **threads, "settings": {**settings, **threads}}

    def _require_none_of_duckdb(self, engine: str) -> None:
        for option in ("memory_limit", "temp_dir"):
            if getattr(self, option) is not None:
                raise UsageError(
                    "only DuckDB can be told this: it runs in this process",
                    where=f"--{option.replace('_', '-')}",
                    why=f"the models of this target run in {engine}",
                    fix=f"leave it out, and limit {engine} where it runs",
                )

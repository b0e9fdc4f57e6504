"""What a DuckDB starts with: its settings, and folders that nobody else can look into."""

import os
import stat
from pathlib import Path
from typing import Any

import duckdb

from tillpost.engines.duckdb_events import ARROW
from tillpost.engines.duckdb_files import require_database
from tillpost.engines.duckdb_guard import AT_START, settings_errors
from tillpost.errors import UsageError, raise_all
from tillpost.machine import machine

PRIVATE_FOLDER = 0o700
_OTHERS = 0o077
_METHODS = "disabled_compression_methods"
# Between its pages stay up to seven bytes of what memory held, which may be of a raw value.
_LEAVES_GAPS = "zstd"
_ANOTHER = "name another folder: --temp-dir, or settings.temp_directory in the profile"


def config_of(settings: dict[str, Any], *, where: str) -> dict[str, Any]:
    """DuckDB's settings: what the profile says, what is granted, and what no profile may say."""
    given = {str(key): value for key, value in (settings.get("settings") or {}).items()}
    raise_all(settings_errors(given, where=where))
    granted = machine()
    limit = {"memory_limit": f"{granted.memory_share}B"} if granted.memory else {}
    return {
        "threads": settings.get("threads") or granted.threads,
        **limit,
        "preserve_insertion_order": True,
        **ARROW,
        **given,
        **AT_START,
    }


def set_up(connection: duckdb.DuckDBPyConnection, config: dict[str, Any]) -> None:
    """Set what can only be set once a database is open."""
    methods = ",".join(filter(None, (config.get(_METHODS), _LEAVES_GAPS))).replace("'", "''")
    connection.execute(f"set {_METHODS} = '{methods}'")  # DuckDB does not heed it at the start
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")


def make_room(path: Path, spill: Path, *, where: str) -> None:
    """Make the folders of a database that is a file."""
    for folder in (spill.parent, spill):
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    require_database(path, where=where)


def place_to_spill(settings: dict[str, Any], *, root: Path, home: Path | None) -> str:
    """Where what does not fit into memory goes; nowhere, if nothing is said and there is no home.

    Args:
        settings: the profile's output.
        root: where a relative path of it starts.
        home: the project's own folder for it.
    """
    elsewhere = (settings.get("settings") or {}).get("temp_directory")
    if elsewhere:
        return str(_ours_in(root / str(elsewhere)))
    return str(home or "")


def _ours_in(parent: Path) -> Path:
    """Our own folder in one that others may write to as well, made on the first use.

    It keeps its name, so that DuckDB finds and removes what a process that was killed has left.

    Raises:
        UsageError: there is no such folder, or it cannot be ours alone.
    """
    if not parent.is_dir():
        raise UsageError("there is no such folder to spill to", where=str(parent), fix=_ANOTHER)
    folder = parent / f"tillpost-{os.getuid()}"
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise UsageError(
            "this folder to spill to cannot be made",
            where=str(folder),
            why=str(error.strerror),
            fix=_ANOTHER,
        ) from None
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not is_ours or found.st_mode & _OTHERS:
        raise UsageError(
            "what spills would not be this user's alone",
            where=str(folder),
            why="it is a link, another user's, or open to others",
            fix="remove it, or " + _ANOTHER,
        )
    return folder

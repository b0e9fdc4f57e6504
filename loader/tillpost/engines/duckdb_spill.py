"""Where DuckDB puts what does not fit into memory: a folder that nobody else can look into."""

import os
import stat
from pathlib import Path

from tillpost.errors import UsageError

PRIVATE_FOLDER = 0o700
_OTHERS = 0o077
_ANOTHER = "name another folder: --temp-dir, or settings.temp_directory in the profile"


def spill_folder(parent: Path) -> Path:
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

"""A folder for builds that are compared: private, and gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tillpost.pipeline.workspace import PRIVATE_FOLDER

_PREFIX = "diff-"


@contextmanager
def private_folder(root: Path) -> Iterator[Path]:
    """A private folder for two builds; what a killed diff left is swept first."""
    home = root / ".tillpost"
    home.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    for left in home.glob(f"{_PREFIX}*"):
        if not _is_alive(int(left.name.split("-")[1])):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=f"{_PREFIX}{os.getpid()}-") as folder:
        yield Path(folder)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def new_folder(folder: Path, name: str) -> Path:
    """A new folder in another, as private."""
    made = folder / name
    made.mkdir(mode=PRIVATE_FOLDER)
    return made

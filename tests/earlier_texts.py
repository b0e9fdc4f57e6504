"""What `init` laid down in the commits before it stamped: its texts, as git still has them."""

import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from tillpost.project.earlier import PLACES, mark

LAST = "18512a7f6727d6b3ec3d352b2bd73b2a33e2d50c"
"""The last commit without stamps."""
_LEFT_OUT = ("stg_*", "sources.yml", "int_sales.sql", "make_seeds.py")
_ROOT = Path(__file__).parents[1]
_GIT = shutil.which("git") or "git"


def has_history() -> bool:
    """Whether this is a checkout in which those commits are."""
    words = [_GIT, "cat-file", "-e", LAST]
    found = subprocess.run(words, cwd=_ROOT, check=False, capture_output=True)
    return found.returncode == 0 and _git("rev-parse", "--is-shallow-repository") == b"false\n"


def earlier_marks() -> list[str]:
    """A mark for each place where `init` took its files from, and each text that stood there."""
    changes = _git("log", "--format=", "--raw", "--no-abbrev", "--no-renames", LAST, "--", *PLACES)
    texts = set()
    for line in changes.decode().splitlines():
        fields, path = line.split("\t")
        _, _, _, blob, how = fields.split()
        name = PurePosixPath(path).name
        if how != "D" and not any(fnmatch(name, pattern) for pattern in _LEFT_OUT):
            texts.add((path, blob))
    marks = {mark(path, _git("cat-file", "blob", blob)) for path, blob in texts}
    return sorted(marks | {mark(path) for path, _ in texts})


def _git(*words: str) -> bytes:
    return subprocess.run([_GIT, *words], cwd=_ROOT, check=True, capture_output=True).stdout

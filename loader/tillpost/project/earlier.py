"""Projects of before there were stamps: which of their files are as `init` laid them down."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from tillpost.project.stamp import Stamp, digest

PLACES = ("profiles.example.yml", "models", "macros", "seeds", "tests/sql")
"""What was laid down then, but for what its owner goes on with."""
LENGTH = 12


def mark(path: str, content: bytes | None = None) -> str:
    """What a text is known by, at its place; or that place."""
    place = path.encode()
    return digest(place if content is None else place + b"\0" + content)[:LENGTH]


def known_marks() -> frozenset[str]:
    """All that are known; there will never be more of them."""
    return frozenset((files("tillpost.project") / "earlier.txt").read_text("ascii").split())


def stamp_before_stamps(root: Path) -> Stamp:
    """The stamp that a project without one would have, of schema 0.

    A file is known by its place, and as unedited by its text, which one of the commits before
    stamps laid down there; others have no digest.
    """
    marks = known_marks()
    found = ((path.relative_to(root).as_posix(), path.read_bytes()) for path in _files(root))
    known = {
        name: digest(content) if mark(name, content) in marks else ""
        for name, content in found
        if mark(name) in marks
    }
    return Stamp(version="", schema=0, files=known)


def _files(root: Path) -> Iterator[Path]:
    for place in PLACES:
        path = root / place
        yield from (each for each in (path, *path.rglob("*")) if each.is_file())

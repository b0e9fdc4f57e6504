"""The stamp of a project: which Tillpost laid it down, and each of its files as it was then."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tillpost.errors import UsageError
from tillpost.project.yaml_file import read_text

STAMP_FILE = ".tillpost-stamp.json"
SCHEMA = 1
"""What the loader and a project take of each other; it rises when one needs more of the other."""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """The version and schema that a project was laid down by, and the digest of each file."""

    version: str
    schema: int
    files: Mapping[str, str]


def stamp_of(files: Mapping[str, str]) -> Stamp:
    """The stamp that this Tillpost gives to files with these digests."""
    from importlib.metadata import version  # noqa: PLC0415  it takes its time, and runs need none

    return Stamp(version=version("tillpost"), schema=SCHEMA, files=files)


def digest(content: bytes) -> str:
    """The digest of a file, the same where git writes lines as Windows does."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def read_stamp(root: Path) -> Stamp | None:
    """The stamp of a project; none where no `init` laid it down, or one of before there were any.

    Raises:
        UsageError: the stamp is none.
    """
    path = root / STAMP_FILE
    if not path.exists():
        return None
    try:
        content = json.loads(read_text(path, shown=STAMP_FILE))
        return _stamp(content)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UsageError(
            "this stamp cannot be read",
            where=STAMP_FILE,
            fix=f"git checkout {STAMP_FILE}, or delete it and tillpost init --upgrade",
        ) from None


def write_stamp(root: Path, stamp: Stamp) -> None:
    """Write it, a line a file, so that git can merge two of them."""
    content = {
        "version": stamp.version,
        "schema": stamp.schema,
        "files": dict(sorted(stamp.files.items())),
    }
    (root / STAMP_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def require_schema(root: Path) -> None:
    """Make sure that loader and project fit.

    Raises:
        UsageError: one of them is too old for the other.
    """
    stamp = read_stamp(root)
    require_not_newer(stamp)
    if stamp and stamp.schema < SCHEMA:
        raise UsageError(
            "this project is of an older Tillpost",
            where=STAMP_FILE,
            why=f"laid down by {stamp.version}: schema {stamp.schema}, and this one has {SCHEMA}",
            fix="tillpost init --upgrade",
        )


def require_not_newer(stamp: Stamp | None) -> None:
    """Make sure that the project is of no later Tillpost than this.

    Raises:
        UsageError: it is.
    """
    if stamp and stamp.schema > SCHEMA:
        raise UsageError(
            "this project is of a newer Tillpost",
            where=STAMP_FILE,
            why=f"laid down by {stamp.version}: schema {stamp.schema}, and this one has {SCHEMA}",
            fix="pip install --upgrade tillpost",
        )


def _stamp(content: dict[str, Any]) -> Stamp:
    files = {str(path): str(value) for path, value in content["files"].items()}
    for path in map(PurePosixPath, files):
        if path.is_absolute() or ".." in path.parts:
            raise ValueError
    return Stamp(version=str(content["version"]), schema=int(content["schema"]), files=files)

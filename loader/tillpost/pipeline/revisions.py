"""The project as git has it at a revision, laid out in a folder of its own."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tillpost.errors import UsageError, UsageErrors


def lay_out(root: Path, revision: str, *, into: Path) -> Path:
    """Lay the project out as it was; nothing in the repository or its working tree is touched.

    Args:
        root: the project's folder, which may lie deep in its repository.
        revision: a branch, a tag or a commit, as git names it.
        into: an empty folder.

    Returns:
        The project's folder in it.

    Raises:
        UsageError: there is no git here, no such revision, no project in it, or a link out of it.
    """
    inside = _git(root, "rev-parse", "--show-prefix", fix="git init, and commit")
    commit = _git(
        root,
        *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
        what=f'git knows no revision "{revision}"',
        fix="a branch, a tag or a commit: git log --oneline",
    )
    prefix, name = inside.decode().strip(), commit.decode().strip()
    packed = _git(
        root,
        *("-C", _top(root), "archive", "--format=tar", name, "--", prefix or "."),
        what=f'there is no project at "{revision}"',
        fix="a revision in which this folder is there",
    )
    try:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(into, filter="data")
    except tarfile.FilterError:
        raise UsageError(
            f'a link at "{revision}" leads out of the project',
            where=str(root),
            fix="copy what it leads to into the project",
        ) from None
    return into / prefix


@contextmanager
def told_of(revision: str) -> Iterator[None]:
    """Name files as git does, `main:models/one.sql`, in what is wrong with that version."""
    try:
        yield
    except UsageError as error:
        for each in error.errors if isinstance(error, UsageErrors) else (error,):
            each.where = f"{revision}:{each.where or ''}"
        raise


def _top(root: Path) -> str:
    return _git(root, "rev-parse", "--show-toplevel", fix="git init").decode().strip()


def _git(root: Path, *words: str, what: str = "", fix: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  fixed words, and a revision behind --end-of-options
            ["git", *words],  # noqa: S607  the user's own git
            cwd=root,
            check=False,
            capture_output=True,
        )
    except FileNotFoundError:
        raise UsageError("there is no git on this machine", fix="install git") from None
    if done.returncode:
        raise UsageError(what or "this folder is in no git repository", where=str(root), fix=fix)
    return done.stdout

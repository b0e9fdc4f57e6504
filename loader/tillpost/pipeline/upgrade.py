"""A project of an earlier Tillpost becomes one of this: what nobody has edited is replaced."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from tillpost.errors import UsageError
from tillpost.pipeline.upgrade_effect import Effect, effect_of
from tillpost.pipeline.workspace import PRIVATE_FOLDER, Listen, Options
from tillpost.project.earlier import stamp_before_stamps
from tillpost.project.folders import PROJECT_FILE
from tillpost.project.migrations import Migration, migrate
from tillpost.project.shipped import shipped_files
from tillpost.project.stamp import (
    Stamp,
    digest,
    read_stamp,
    require_not_newer,
    stamp_of,
    write_stamp,
)
from tillpost.redaction import redact

PATCH = ".tillpost/upgrade.diff"
Files = Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of a file: `replaced`, `added` or `removed`; or it is `yours`, and stays.

    What no upgrade replaces is `migrated`, where it must be for this version. ``patch`` makes of a
    file of yours the one that ships, or the migrated one; nothing, where none ships any more.
    """

    path: str
    how: str
    content: bytes = field(default=b"", repr=False)
    patch: str = ""


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """What an upgrade did, or would do; ``old`` is nothing for a project without a stamp.

    ``left`` is what its owner has to do, since only the owner can know how.
    """

    old: Stamp | None
    new: Stamp
    changes: tuple[Change, ...]
    left: tuple[UsageError, ...]
    effect: Effect
    is_done: bool


def upgrade(options: Options, *, dry_run: bool, listen: Listen) -> Upgrade:
    """Bring a project up to date; a file that its owner edited stays as it is.

    Args:
        options: which project, and the profile to compare its hashes by.
        dry_run: whether everything is only told.
        listen: who hears of the builds that are compared.

    Raises:
        UsageError: there is no project, it is of a newer Tillpost, or it leads out of its folder.
    """
    root = options.project_dir
    if not (root / PROJECT_FILE).is_file():
        raise UsageError(
            f"there is no {PROJECT_FILE} here", where=str(root), fix="cd to a project, or name it"
        )
    old, shipped = read_stamp(root), shipped_files()
    require_not_newer(old)
    known = old or stamp_before_stamps(root)
    migration = migrate(root, schema=known.schema)
    laid_down = {path: was for path, was in known.files.items() if path != PROJECT_FILE}
    changes = (*_changes(root, shipped, laid_down), *_migrated(root, migration))
    effect = Effect()
    if changes:
        effect = effect_of(options, lambda tree: _apply(tree, changes), listen=listen)
    new = stamp_of({path: digest(content) for path, content in shipped.items()})
    if not dry_run:
        _apply(root, changes)
        _write_patch(root, changes)
        write_stamp(root, new)  # last: an upgrade that was cut short begins again
    return Upgrade(
        old=old,
        new=new,
        changes=changes,
        left=tuple(migration.left),
        effect=effect,
        is_done=not dry_run,
    )


def _migrated(root: Path, migration: Migration) -> Iterator[Change]:
    for path, text in sorted(migration.texts.items()):
        _require_inside(root, path)
        before, after = (root / path).read_bytes(), text.encode()
        patch = _patch(path, before, after)
        yield Change(path=path, how="migrated", content=after, patch=patch)


def _changes(root: Path, shipped: Files, laid_down: Mapping[str, str]) -> Iterator[Change]:
    for path in sorted({*shipped, *laid_down}):
        _require_inside(root, path)
        theirs = (root / path).read_bytes() if (root / path).is_file() else None
        change = _change(path, theirs, shipped.get(path), was=laid_down.get(path))
        if change:
            yield change


def _require_inside(root: Path, path: str) -> None:
    if not (root / path).resolve().is_relative_to(root.resolve()):
        raise UsageError(
            "this leads out of the project's folder", where=path, fix="copy it into the project"
        )


def _change(
    path: str, theirs: bytes | None, ours: bytes | None, *, was: str | None
) -> Change | None:
    """What becomes of one file: ``theirs`` stands there, ``ours`` ships, ``was`` was laid down."""
    if theirs is None:
        # What was laid down and is gone was taken out by its owner.
        return (
            Change(path=path, how="added", content=ours) if ours is not None and not was else None
        )
    found = digest(theirs)
    if ours is None:
        return Change(path=path, how="removed" if found == was else "yours")
    if digest(ours) in {found, was}:  # it is the same, or their edit is of what still ships
        return None
    if found == was:
        return Change(path=path, how="replaced", content=ours)
    return Change(path=path, how="yours", patch=_patch(path, theirs, ours))


def _patch(path: str, theirs: bytes, ours: bytes) -> str:
    """A unified diff that `git apply` and `patch -p1` take."""
    before, after = (
        each.decode(errors="replace").splitlines(keepends=True) for each in (theirs, ours)
    )
    lines = unified_diff(before, after, fromfile=f"a/{path}", tofile=f"b/{path}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _apply(root: Path, changes: tuple[Change, ...]) -> None:
    for each in changes:
        path = root / each.path
        if each.how in {"added", "replaced", "migrated"}:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(each.content)
        elif each.how == "removed":
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()


def _write_patch(root: Path, changes: tuple[Change, ...]) -> None:
    text = "".join(each.patch for each in changes if each.how == "yours")
    if text:
        path = root / PATCH
        path.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        path.write_text(redact(text), encoding="utf-8")

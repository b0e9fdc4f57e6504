"""Canaries, and the search for them in every byte that a folder holds.

Each value of the test's customers contains one of few *marks*: letters that no word has, and no
hash. Whoever finds a mark in any of its forms has found the value, whatever stands around it.
"""

import base64
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

_PIECE = 1 << 24
_OVERLAP = 1 << 9
_DUCKDB_MAGIC = slice(8, 12)


@dataclass(frozen=True, kw_only=True)
class Canary:
    """What must not be found, by the name of what it stands for, in each of its spellings."""

    name: str
    spellings: tuple[str, ...]

    @cached_property
    def folded(self) -> tuple[bytes, ...]:
        """Forms in which the case of letters does not matter, in lower case."""
        return tuple(form for text in self.spellings for form in _folded(text.lower()))

    @cached_property
    def exact(self) -> tuple[bytes, ...]:
        """Forms in which it does: base64, wherever in a text it begins."""
        cases = {
            case
            for text in self.spellings
            for case in (text, text.lower(), text.upper(), text.title())
        }
        return tuple(form for text in cases for form in _base64(text))

    def is_in(self, data: bytes, lowered: bytes) -> bool:
        """Whether any form of it stands there."""
        return any(form in lowered for form in self.folded) or any(
            form in data for form in self.exact
        )


def _folded(text: str) -> Iterator[bytes]:
    plain = text.encode()
    yield plain
    # Without its last byte each holds the other order of bytes, too.
    yield text.encode("utf-16-le")[:-1]
    yield text.encode("utf-32-le")[:-3]
    yield plain.hex().encode()
    yield "".join(f"\\u{ord(sign):04x}" for sign in text).encode()
    yield "".join(f"%{byte:02x}" for byte in plain).encode()


def _base64(text: str) -> Iterator[bytes]:
    """What does not change with what stands before and behind."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + text.encode()).rstrip(b"=")
        yield whole[(0, 2, 3)[before] : -1]


def seen_in(canaries: Iterable[Canary], data: bytes) -> set[str]:
    """The names of the canaries that stand in these bytes."""
    lowered = data.lower()
    return {canary.name for canary in canaries if canary.is_in(data, lowered)}


def search(canaries: Iterable[Canary], folder: Path) -> dict[str, set[str]]:
    """Where in a folder which canaries are: in bytes, in names, and in what databases hold."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        seen = seen_in(canaries, name.encode())
        if path.is_file() and not path.is_symlink():
            seen |= _seen_in_file(canaries, path)
        if seen:
            found[name] = seen
    return found


def _seen_in_file(canaries: Iterable[Canary], path: Path) -> set[str]:
    seen: set[str] = set()
    head = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            head = head or piece[: _DUCKDB_MAGIC.stop]
            seen |= seen_in(canaries, piece)
            if len(piece) == _PIECE:
                file.seek(-_OVERLAP, 1)
    if head[_DUCKDB_MAGIC] == b"DUCK":
        seen |= _seen_in_tables(canaries, path)
    if head.startswith(b"PAR1"):
        seen |= _seen_in_rows(canaries, duckdb.connect(), f"read_parquet('{path}')")
    return seen


def _seen_in_tables(canaries: Iterable[Canary], path: Path) -> set[str]:
    """What a database says that it holds: its blocks are compressed. A copy is asked."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.duckdb")
        shutil.copyfile(path, copy)
        if (log := path.with_name(f"{path.name}.wal")).exists():
            shutil.copyfile(log, f"{copy}.wal")
        with duckdb.connect(copy) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where not temporary"
            ).fetchall()
            seen = {
                name
                for schema, table in tables
                for name in _seen_in_rows(canaries, connection, f'"{schema}"."{table}"')
            }
    return seen


def _seen_in_rows(
    canaries: Iterable[Canary], connection: duckdb.DuckDBPyConnection, relation: str
) -> set[str]:
    seen: set[str] = set()
    rows = connection.execute(f"select cast(columns(*) as varchar) from {relation}")
    while chunk := rows.fetchmany(10_000):
        seen |= seen_in(canaries, "\n".join(str(row) for row in chunk).encode())
    return seen


def modes(folder: Path) -> dict[str, str]:
    """What others may read or enter, and what it may be: nothing is what must come back."""
    return {
        path.relative_to(folder.parent).as_posix(): oct(path.stat().st_mode & 0o777)
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink() and path.stat().st_mode & 0o077
    }

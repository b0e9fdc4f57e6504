"""A project over a till export full of canaries, in a folder that all that is written lands in."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bad_input_project import TILLPOST
from canary_rows import APP_SECRET, TOKEN, write_export
from canary_search import modes
from tillpost.project.stamp import STAMP_FILE

_WRITING = 0o3
_PAUSE = 0.02
_PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a command was seen to hold open for writing, and what its list of processes said."""

    files: frozenset[str]
    arguments: bytes


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command returned and said, byte by byte, and what was seen of it."""

    exit: int
    out: bytes
    err: bytes
    watched: Watched


@dataclass(kw_only=True)
class Shop:
    """The project ``root/shop``; the export that it reads is the one thing outside of ``root``.

    What a command says is kept in ``said``, by its words; what a webhook was told, in ``told``.
    """

    root: Path
    exports: Path
    mask: int
    said: dict[str, Said] = field(default_factory=dict)
    told: list[object] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The project."""
        return self.root / "shop"

    @property
    def environ(self) -> Mapping[str, str]:
        """All that points somewhere points into the tree that is searched."""
        folders = {name: str(self.root / name.lower()) for name in ("HOME", "TMPDIR")}
        for folder in folders.values():
            Path(folder).mkdir(exist_ok=True)
        secrets = {"META_ACCESS_TOKEN": TOKEN, "APP_SECRET": APP_SECRET}
        return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **folders, **secrets}

    def run(self, *words: str, given: bytes = b"", name: str = "") -> Said:
        """Run a command to its end."""
        return self.run_all([str(TILLPOST), *words], given=given, name=name or " ".join(words))

    def run_code(self, code: str, *words: str, name: str = "") -> Said:
        """Run a command after some code of one's own."""
        start = f"{code}\nfrom tillpost.cli import main\nmain()"
        return self.run_all([sys.executable, "-c", start, *words], name=name or f"{code} {words}")

    def run_all(self, arguments: Sequence[str], *, given: bytes = b"", name: str) -> Said:
        """Run a program in the project and watch it."""
        with self.start(arguments) as process:
            watch = Watch(process.pid)
            out, err = process.communicate(given, timeout=300)
            said = Said(exit=process.returncode, out=out, err=err, watched=watch.end())
        self.said[name] = said
        return said

    def start(
        self, arguments: Sequence[str], *, stderr: int = subprocess.PIPE
    ) -> "subprocess.Popen[bytes]":
        """Start a program in the project."""
        place = self.folder if self.folder.exists() else self.root
        return subprocess.Popen(
            arguments,
            cwd=place,
            env=self.environ,
            umask=self.mask,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )

    def spill(self) -> list[Path]:
        """What lies outside of the database while it is built."""
        return list((self.folder / ".tillpost" / "spill").glob("*.tmp"))

    def spilled_bytes(self) -> int:
        """How much that is now."""
        size = 0
        for path in self.spill():
            with suppress(FileNotFoundError):
                size += path.stat().st_size
        return size

    def open_to_others(self) -> set[str]:
        """What there is beside the project's own files and is not its owner's alone."""
        ours = (".tillpost", "tillpost_ledger")
        return {
            name
            for name in modes(self.folder)
            if (top := "".join(name.split("/")[1:2])).startswith(ours) and top != STAMP_FILE
        }

    def set_edge(self, **settings: object) -> None:
        """Change the edge of the only output that is used."""
        self.set_output(edge=self.output["edge"] | settings)

    def set_output(self, **settings: object) -> None:
        """Change that output."""
        path = self.folder / "profiles.yml"
        profile = yaml.safe_load(path.read_text())
        profile["tillpost"]["outputs"]["sandbox"] |= settings
        path.write_text(yaml.safe_dump(profile))

    @property
    def output(self) -> dict[str, dict[str, object]]:
        """The output as it is now."""
        profile = yaml.safe_load((self.folder / "profiles.yml").read_text())
        output: dict[str, dict[str, object]] = profile["tillpost"]["outputs"]["sandbox"]
        return output


class Watch:
    """Looks again and again at what a process and its children have open."""

    def __init__(self, pid: int) -> None:
        """Begin."""
        self._pid = pid
        self._files: set[str] = set()
        self._arguments = b""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> Watched:
        """What was seen."""
        self._ended.set()
        self._thread.join()
        return Watched(files=frozenset(self._files), arguments=self._arguments)

    def _look(self) -> None:
        while not self._ended.is_set():
            for process in _with_children(self._pid):
                self._files |= set(written_files(process))
                self._arguments += _read(process / "cmdline")
            self._ended.wait(_PAUSE)


def _with_children(pid: int) -> list[Path]:
    found, waiting = [], [str(pid)]
    while waiting:
        process = Path("/proc", waiting.pop())
        found.append(process)
        waiting += _read(process / "task" / process.name / "children").decode().split()
    return found


def written_files(process: Path) -> list[str]:
    """The files that a process has open for writing, also those that have no name any more."""
    found = []
    try:
        for handle in (process / "fd").iterdir():
            name = str(handle.readlink())
            flags = _read(process / "fdinfo" / handle.name).partition(b"flags:")[2].split()
            if name.startswith("/") and flags and int(flags[0], 8) & _WRITING:
                found.append(name)
    except OSError:
        pass  # it has ended
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def new_shop(folder: Path, *, mask: int = 0o022, count: int = 60) -> Shop:
    """Lay it down as a user does, from a clean export, which then turns out to be a bad one."""
    shop = Shop(root=folder / "searched", exports=folder / "exports", mask=mask)
    shop.root.mkdir()
    export = shop.exports / "sales.csv"
    write_export(export, count=count, is_clean=True)
    said = shop.run("init", "shop", "--from", str(export), "--country", "de", name="init")
    assert said.exit == 0, said.err
    write_export(export, count=count)
    # So that the search for bytes sees what is in the blocks of the file, also in those let go.
    shop.set_output(settings={"memory_limit": "512MB", "force_compression": "uncompressed"})
    shop.set_edge(access_token="{{ env_var('META_ACCESS_TOKEN') }}")
    return shop


def wait_for(look: Callable[[], object]) -> None:
    """Look until there is something."""
    until = time.monotonic() + _PATIENCE
    while not look():
        assert time.monotonic() < until
        time.sleep(_PAUSE)

"""A project to spoil, and the real command line to run in it."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import command_server
from tillpost.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

TILLPOST = Path(sys.executable).with_name("tillpost")
TOKEN = "EAAGsecretsecretsecret"
# Who stands in the data: no message may name them, nor the token.
UNSPEAKABLE = (TOKEN, "ada@example.com", "grace@example.org", "202 555", "Ada", "Grace", "Sample")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command returned and said, with this machine's own names taken out."""

    exit: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Project:
    """A folder with a project in it, and the environment that its commands see."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def spoil(self, case: dict[str, Any]) -> None:
        """Write, change and remove files as a case says."""
        for name in case.get("remove", ()):
            (self.folder / name).unlink()
        for name, content in case.get("write", {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        for name, changes in case.get("change", {}).items():
            path = self.folder / name
            text = path.read_text(encoding="utf-8")
            for old, new in changes.items():
                assert old in text, f"{name} has no {old!r} to change"
                text = text.replace(old, self._filled(new))
            path.write_text(text, encoding="utf-8")

    def command(self, *words: str, environ: dict[str, str] | None = None) -> list[Any]:
        """The arguments and environment of a command, for those who start it themselves."""
        inherited = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        home = {"HOME": str(self.folder.parent), "META_ACCESS_TOKEN": TOKEN}
        merged = inherited | home | self.environ | (environ or {})
        return [[str(TILLPOST), *words], {k: v for k, v in merged.items() if v}]

    @contextmanager
    def started(self, *words: str) -> "Iterator[subprocess.Popen[str]]":
        """A command under way; whatever becomes of the test, it ends with it."""
        arguments, environ = self.command(*words)
        # Where this process ignores Ctrl-C, as jobs of a script do, its children would, too.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with subprocess.Popen(
            arguments,
            cwd=self.folder,
            env=environ,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def end_of(self, process: "subprocess.Popen[str]") -> Said:
        """What it said until it ended by itself."""
        out, err = process.communicate(timeout=30)
        return self.said(process.returncode, out, err)

    def run(self, *words: str, environ: dict[str, str] | None = None) -> Said:
        """Run a command to its end, in this process: most of a short one is its imports."""
        _, environment = self.command(*words, environ=environ)
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            patch.setattr(os, "environ", environment)
            patch.setattr(sys, "argv", ["tillpost", *words])
            with pytest.raises(SystemExit) as ended:
                main()
        code = ended.value.code
        return self.said(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())

    def said(self, code: int, out: str, err: str) -> Said:
        """What was said, checked for what must never be, in names that are the same everywhere."""
        for words in UNSPEAKABLE:
            assert words not in out + err, f"{words} was shown"
        assert "Traceback" not in out + err, err
        return Said(exit=code, out=self._neutral(out), err=self._neutral(err))

    def files(self) -> dict[str, int]:
        """Every file and when it was written, to see that a command left them alone."""
        return {
            path.relative_to(self.folder).as_posix(): path.stat().st_mtime_ns
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def _filled(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace(f"<{name}>", value)
        return text

    def _neutral(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace(value, f"<{name}>")
        text = text.replace(str(self.folder), "<project>").replace(
            str(self.folder.parent), "<home>"
        )
        text = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{6}", "<run>", text)
        text = re.sub(r"fbtrace_id \S+", "fbtrace_id <trace>", text)
        return re.sub(r"\bprocess \d+\b", "process <pid>", text)


def new_project(folder: Path) -> None:
    """Lay one down, as a user would."""
    command_server.run("init", str(folder)).check_returncode()


def copy_of(project: Path, folder: Path, **names: str) -> Project:
    """A copy of a project, to be spoiled."""
    shutil.copytree(project, folder)
    return Project(folder=folder, names=names)

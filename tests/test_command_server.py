"""A command that is forked says, does and ends what one does that is started by itself."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from bad_input_project import TILLPOST
from command_server import run, started


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("no-such-command",),
        ("build",),
        ("init", "shop"),
        ("init", "shop", "--from", "no-such-file"),
    ],
)
def test_it_says_and_writes_the_same(words: tuple[str, ...], tmp_path: Path) -> None:
    forked, alone = tmp_path / "forked", tmp_path / "alone"
    forked.mkdir()
    alone.mkdir()
    said = run(*words, cwd=forked)
    meant = subprocess.run(
        [TILLPOST, *words], cwd=alone, capture_output=True, text=True, check=False
    )
    words_of_it = said.stderr.replace(str(forked), str(alone))
    assert (said.returncode, said.stdout, words_of_it) == (
        meant.returncode,
        meant.stdout,
        meant.stderr,
    )
    assert files(forked) == files(alone)


def test_it_sees_the_environment_that_it_is_given(tmp_path: Path) -> None:
    known = {"PATH": os.environ["PATH"], "TILLPOST_LOG_FORMAT": "json"}
    assert '"command_began"' in run("build", cwd=tmp_path, environ=known).stderr
    assert '"command_began"' not in run("build", cwd=tmp_path).stderr


def test_one_that_is_killed_says_by_what(tmp_path: Path) -> None:
    with (
        (tmp_path / "said").open("w") as said,
        started("sandbox", "--port", "0", out=said, err=said) as sandbox,
    ):
        os.kill(sandbox.pid, signal.SIGKILL)
        assert sandbox.wait() == -signal.SIGKILL

"""What the tests of the recipes share: the documented exit codes, a fake `tillpost`, checkers."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "examples" / "scheduling"
GUIDE = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
COMMAND = "tillpost run --target meta --wait 600 --deadline 2700"
TOKEN = "a-token-of-nobody"
# Where the recipes say that everything lies.
PLACE = "/srv/tillpost"
ROW = re.compile(r"^\| (?P<code>\d+) \|.*\| (?P<retry>yes|no) \|[^|]*\|$", re.MULTILINE)
RETRIED = {int(row["code"]): row["retry"] == "yes" for row in ROW.finditer(GUIDE)}
CODES = sorted(RETRIED)
FOR_A_PERSON = [code for code in CODES if code and not RETRIED[code]]
# It has the token from where a secret belongs, and ends as it is told. With a signal to send, it
# gives that to whoever started it, and ends as a run that is stopped should.
FAKE = f"""\
#!/bin/sh
[ "$META_ACCESS_TOKEN" = "{TOKEN}" ] || exit 99
echo "$FAKE_CODE tillpost $*" >> "$FAKE_CALLS"
if [ -n "$FAKE_SIGNAL" ]; then
    trap 'echo stopped >> "$FAKE_CALLS"; exit 4' TERM
    sleep 10 > /dev/null 2>&1 &
    sleep 1
    kill -s "$FAKE_SIGNAL" "$PPID"
    wait
fi
echo "this run ends with $FAKE_CODE" >&2
exit "$FAKE_CODE"
"""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A folder that stands for the machine of a recipe, with a `tillpost` that only ends."""

    folder: Path

    @property
    def path(self) -> Path:
        """The folder of commands with the fake."""
        return self.folder / ".venv" / "bin"

    @property
    def project(self) -> Path:
        """The project that is scheduled."""
        return self.folder / "my_shop"

    def moved(self, text: str) -> str:
        """A recipe's text as it would be written for this machine."""
        return text.replace(PLACE, str(self.folder))

    def environ(self, *, code: int = 0, token: str = TOKEN) -> dict[str, str]:
        """What a scheduler starts the command with."""
        return {
            "PATH": f"{self.path}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "FAKE_CALLS": str(self.folder / "calls"),
            "FAKE_CODE": str(code),
            "META_ACCESS_TOKEN": token,
            "TILLPOST_PROJECT": str(self.project),
        }

    def calls(self) -> list[str]:
        """How the fake was called: the code it ended with, and its words."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []


def make_machine(folder: Path) -> Machine:
    """Lay it down."""
    machine = Machine(folder=folder)
    machine.path.mkdir(parents=True)
    machine.project.mkdir()
    fake = machine.path / "tillpost"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    (folder / "secrets").write_text(f"META_ACCESS_TOKEN={TOKEN}\n")
    return machine


def checkers() -> Path:
    """The commands that check recipes."""
    return environment("recipes")


def environment(name: str) -> Path:
    """The commands of an environment of its own, made when it is missing or others are pinned."""
    wanted = ROOT / f"requirements-{name}.txt"
    place = ROOT / ".venv" / name
    ready = place / f"ready-{hashlib.sha256(wanted.read_bytes()).hexdigest()[:16]}"
    with FileLock(f"{place}.lock"):
        if not ready.exists():
            run([sys.executable, "-m", "venv", "--clear", str(place)])
            pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile"]
            run([*pip, "--disable-pip-version-check", "-r", str(wanted)])
            ready.touch()
    return place / "bin"


def run(
    words: Sequence[str], *, environ: dict[str, str] | None = None, seconds: float = 240
) -> subprocess.CompletedProcess[str]:
    """Run a command that must be good; what it said is in the failure."""
    done = subprocess.run(
        words,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=dict(os.environ) if environ is None else environ,
        timeout=seconds,
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done

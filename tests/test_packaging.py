"""The wheel: all that a project needs is in it, and it works where no checkout is near."""

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAID_DOWN = ("models", "macros", "seeds", "tests/sql")
WHOLE_HELP = 0.5
"""Seconds that `tillpost --help` may take; the aim is half of it."""

pytestmark = pytest.mark.slow


def run(*words: str | Path, cwd: Path) -> str:
    """A command without anything of this checkout in its environment."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**kept, **pip, "HOME": str(cwd)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", folder)
    run(sys.executable, "-m", "pip", "wheel", *options, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def tillpost(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command as a user has it: the wheel and what it asks for, in the pinned versions."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", ".venv", cwd=folder)
    options = ("--quiet", "--disable-pip-version-check", "--constraint", ROOT / "requirements.txt")
    python = folder / ".venv" / "bin" / "python"
    run(python, "-m", "pip", "install", *options, f"{wheel}[sandbox]", cwd=folder)
    return python.with_name("tillpost")


def files(*, under: Path, parts: Sequence[str]) -> set[str]:
    found = (path for part in parts for path in (under / part).rglob("*") if path.is_file())
    return {path.relative_to(under).as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_wheel_holds_what_a_project_needs_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packaged = {name for name in names if ".dist-info/" not in name}
    own = {f"tillpost/{name}" for name in files(under=ROOT / "loader" / "tillpost", parts=["."])}
    starter = files(under=ROOT, parts=LAID_DOWN) | {
        *("dbt_project.yml", "profiles.example.yml", ".sqlfluff"),
    }
    assert packaged == own | {f"tillpost/starter/{name}" for name in starter}
    assert {"tillpost/templates/sources.yml", "tillpost/py.typed"} <= packaged
    assert not any("profiles.yml" in name or "test_" in name for name in packaged)


def test_a_project_is_laid_down_and_builds_far_from_the_checkout(
    tillpost: Path, tmp_path: Path
) -> None:
    run(tillpost, "init", "shop", cwd=tmp_path)
    words = run(tillpost, "build", cwd=tmp_path / "shop")
    assert "tests passed" in words
    assert (tmp_path / "shop" / ".tillpost" / "build.duckdb").exists()
    laid_down = files(under=tmp_path / "shop", parts=LAID_DOWN)
    assert files(under=ROOT, parts=["macros", "tests/sql"]) <= laid_down
    assert "seeds/make_seeds.py" not in laid_down


def test_help_answers_at_once(tillpost: Path, tmp_path: Path) -> None:
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        run(tillpost, "--help", cwd=tmp_path)
        taken.append(time.perf_counter() - start)
    sys.stdout.write(f"tillpost --help takes {min(taken):.3f} s\n")
    assert min(taken) < WHOLE_HELP

"""Bad input gets one clear message: each case of tests/cases through the real command line."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from bad_input_project import copy_of, new_project

CASES = Path(__file__).parent / "cases"
# These only look: whatever happens, the folder must stay as it was.
LOOKING = ("compile", "status")


def _cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(CASES.glob("*.yml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


@pytest.fixture(scope="session")
def laid_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("laid_down") / "shop"
    new_project(folder)
    return folder


@pytest.fixture(scope="session")
def built(laid_down: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_of(laid_down, tmp_path_factory.mktemp("built") / "shop")
    assert project.run("build").exit == 0
    return project.folder


@pytest.mark.parametrize("case", _cases())
def test_bad_input(case: dict[str, Any], request: pytest.FixtureRequest, tmp_path: Path) -> None:
    begun = request.getfixturevalue("built" if case.get("built") else "laid_down")
    project = copy_of(begun, tmp_path / "shop")
    for step in (case, *case.get("then", ())):
        project.spoil(step)
        before = project.files()
        words = shlex.split(step["command"])
        said = project.run(*words, environ=step.get("env"))
        assert said.err == step.get("stderr", "")
        assert said.exit == step["exit"]
        for part in step.get("stdout_has", ()):
            assert part in said.out
        if words[0] in LOOKING:
            assert project.files() == before

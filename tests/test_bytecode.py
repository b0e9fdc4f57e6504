"""What Jinja compiles is kept from command to command, and taken where it is of the same text."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tillpost.compiler.jinja import environment, load_macros
from tillpost.compiler.limits import Sandbox
from tillpost.project import MacroFile

ONE, TWO = ("{% macro answer() %}{{ 1 + " + number + " }}{% endmacro %}" for number in "12")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return lambda: sorted(tmp_path.glob("*/tillpost-*.cache"))


def test_what_was_compiled_is_not_compiled_again(
    kept: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _answer(ONE) == "2"
    assert len(kept()) == 1
    monkeypatch.setattr(Sandbox, "compile", None)
    assert _answer(ONE) == "2"


@pytest.mark.usefixtures("kept")
def test_another_text_is_compiled_anew() -> None:
    assert [_answer(each) for each in (ONE, TWO, ONE)] == ["2", "3", "2"]


@pytest.mark.parametrize("length", [0, 10, -1])
def test_a_file_that_was_cut_off_is_written_anew(
    kept: Callable[[], list[Path]], length: int
) -> None:
    assert _answer(ONE) == "2"
    (file,) = kept()
    whole = file.read_bytes()
    file.write_bytes(whole[:length])
    assert _answer(ONE) == "2"
    assert file.read_bytes() == whole


def _answer(text: str) -> str:
    file = MacroFile(path="macros/answer.sql", text=text, names=("answer",))
    library = load_macros(environment(), (file,))
    return str(library["answer"].module.answer())  # type: ignore[attr-defined]

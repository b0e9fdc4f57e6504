"""Documents, help and code tell the same: what a reader can type exists, what exists is told."""

import csv
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
import yaml

from project_harness import tillpost as typed
from tillpost.cli import tillpost
from tillpost.errors import UsageError
from tillpost.project.edge_block import edge_settings
from tillpost.project.output import known_keys
from tillpost.project.profile import load_profile
from tillpost.report.builds import BUCKETS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("examples/*.md")]
    if not path.name.startswith(".")
)
TOLD = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
README = (ROOT / "README.md").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
BLOCK = re.compile(r"^```(?:console|sh|bash|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(r"(?<![\w.:/])/(?:work|home|Users|root)/|[A-Z]:\\Users|\bshared/")


def commands(text: str) -> Iterator[list[str]]:
    """What a reader types of the blocks of a document; in a console's, what stands behind `$`."""
    for block in BLOCK.findall(text):
        lines = block.replace("\\\n", " ").splitlines()
        typed = [line[2:] for line in lines if line.startswith("$ ")] or lines
        for line in typed:
            for part in re.split(r"&&|\|+|;", line):
                words = shlex.split(part, comments=True)
                while words and re.fullmatch(r"\w+=.*", words[0]):
                    words = words[1:]
                if words:
                    yield words


def unknown(words: list[str]) -> list[str]:
    """The words of a command that `tillpost` or `make` would not take."""
    match words:
        case ["make", *targets]:
            return [target for target in targets if target not in TARGETS]
        case ["tillpost", str(name), *more] if not name.startswith("-"):
            command = tillpost.commands.get(name)
            if command is None:
                return [name]
            known = {"-h", "--help"} | {name for each in command.params for name in each.opts}
            given = {word.partition("=")[0] for word in more if word.startswith("-")}
            return sorted(given - known)
        case _:
            return []


def repository_texts() -> Iterator[tuple[Path, str]]:
    """Every file that is, or would be, committed; what is no text has no words."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in (ROOT / line for line in listed.splitlines()):
        if path.is_file():
            yield path, path.read_bytes().decode("utf-8", errors="ignore")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_reader_types_exists(path: Path) -> None:
    typed = list(commands(path.read_text("utf-8")))
    assert [(shlex.join(words), unknown(words)) for words in typed if unknown(words)] == []


def test_what_does_not_exist_is_noticed() -> None:
    console = "$ make demos\nmade\n$ TOKEN=x tillpost rum && \\\n  tillpost run --fast"
    text = f"```console\n{console}\n```\n```sh\ntillpost run --quiet\n```\n"
    found = [unknown(words) for words in commands(text)]
    assert found == [["demos"], ["rum"], ["--fast"], []]


def test_the_readme_shows_how_to_start() -> None:
    assert {words[0] for words in commands(README)} >= {"tillpost", "make"}


@pytest.mark.parametrize("name", tillpost.commands)
def test_a_command_has_help(name: str) -> None:
    command = tillpost.commands[name]
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert command.help
    assert [each.name for each in options if not each.help] == []


@pytest.mark.parametrize("name", tillpost.commands)
def test_a_command_stands_in_the_readme(name: str) -> None:
    assert re.search(rf"\btillpost {name}\b|`{name}`", README)


def test_help_shows_no_markup() -> None:
    helps = [each.get_help(click.Context(each)) for each in (tillpost, *tillpost.commands.values())]
    assert [text for text in helps if "\\b" in text or "\b" in text] == []


def test_the_example_profile_is_understood(tmp_path: Path) -> None:
    text = (ROOT / "profiles.example.yml").read_text("utf-8")
    (tmp_path / "profiles.yml").write_text(text)
    environ = {"META_ACCESS_TOKEN": "EAAG-some-token"}
    ((name, block),) = yaml.safe_load(text).items()
    assert len(block["outputs"]) > 1
    for target, output in block["outputs"].items():
        profile = load_profile([tmp_path], name=name, target=target, environ=environ)
        assert profile.settings.keys() == output.keys() - {"edge"}
        assert set(profile.settings) <= known_keys(output["type"])
        assert edge_settings(profile).graph_url == output["edge"]["graph_url"]


def test_an_unknown_key_of_the_profile_is_noticed(tmp_path: Path) -> None:
    text = (ROOT / "profiles.example.yml").read_text("utf-8")
    (tmp_path / "profiles.yml").write_text(text.replace("max_in_flight", "max_in_fligth"))
    environ = {"META_ACCESS_TOKEN": "EAAG-some-token"}
    profile = load_profile([tmp_path], name="tillpost", target="meta", environ=environ)
    with pytest.raises(UsageError, match="max_in_fligth"):
        edge_settings(profile)


def test_every_reason_and_bucket_is_told() -> None:
    with (ROOT / "seeds" / "reasons.csv").open(encoding="utf-8") as file:
        reasons = [row["reason"] for row in csv.DictReader(file)]
    names = [*reasons, *(bucket for bucket, _ in BUCKETS)]
    assert len(names) > 20
    assert [name for name in names if not re.search(rf"\b{name}\b", TOLD)] == []


def test_no_file_names_a_place_of_one_machine() -> None:
    texts = list(repository_texts())
    assert len(texts) > 100
    found = {str(path.relative_to(ROOT)): MACHINE.findall(text) for path, text in texts}
    assert {path: places for path, places in found.items() if places} == {}


@pytest.mark.parametrize("parts", [("", "work", "main"), ("", "home", "ada"), ("see shared", "x")])
def test_a_place_of_one_machine_is_noticed(parts: tuple[str, ...]) -> None:
    assert MACHINE.search("/".join(parts))


def test_a_field_of_ones_own_is_mapped_in_one_place(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "editing.md").read_text()
    (mapping,) = re.findall(r"```sql\n( +\{\{ custom_properties.*\n)```", text)
    moment = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    (tmp_path / "sales.csv").write_text(
        "order_id,sold_at,total,currency,email,tier,points\n"
        f"A1,{moment},10.00,EUR,ada@example.com,gold,7\n"
    )
    words = ("init", "shop", "--from", "sales.csv", "--time-zone", "UTC", "--country", "de")
    assert typed(tmp_path, *words).returncode == 0
    shop = tmp_path / "shop"
    staging = shop / "models" / "staging" / "stg_sales.sql"
    listed, ahead = "'custom_properties',\n", "    -- the line\n"
    model = staging.read_text()
    assert (model.count(listed), model.count(ahead)) == (1, 1)
    staging.write_text(model.replace(listed, "\n").replace(ahead, mapping + ahead))
    said = typed(shop, "plan", "--payload", "1")
    assert said.returncode == 0, said.stderr
    assert '"order_id":"A1","loyalty_tier":"gold","points":7}' in said.stdout

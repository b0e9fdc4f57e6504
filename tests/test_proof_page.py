"""The proof as an artefact: a page a lawyer can read, and a file whose schema stays."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from shutil import copytree

import pytest
import yaml

import command_server
from privacy_project import ROOT, workspace
from tillpost.pipeline.evidence import Evidence, project_evidence
from tillpost.pipeline.workspace import Options, open_workspace
from tillpost.report.proofs import proof_json, proof_page, proof_words

EMPTY_TAGS = {"meta", "link", "img", "br", "input"}
SECTIONS = (
    *("What leaves", "What is in clear, and why", "What is stored"),
    *("What is looked at only to leave rows out", "What this proof takes for granted"),
    *("How to check it yourself", "Every way, column by column"),
)
KEYS = (
    *("version", "date", "tillpost", "project", "target", "engine", "rules_version"),
    *("trusted_base", "counts", "payload", "in_clear", "stored", "filters", "untagged"),
    *("lookalikes", "is_strict"),
)
READABLE = 4.5
"""The contrast that WCAG asks for, of text to what is behind it."""
BLOCK = "macros/intrinsics/sha256_hex.sql"
HASHED = "{{ sha256_hex(normalize_email('email')) }}"


class Page(HTMLParser):
    """What stands in a page: its tags with attributes, and the text of each kind of tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, name: str) -> Iterator[str]:
        """The values of an attribute, wherever it stands."""
        return (
            value or ""
            for _, attributes in self.tags
            for key, value in attributes.items()
            if key == name
        )


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profiles")
    outputs = {"dev": {"type": "duckdb", "path": str(folder / "build.duckdb")}}
    profile = {"tillpost": {"target": "dev", "outputs": outputs}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def shipped(profiles: Path) -> Evidence:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return project_evidence(
        open_workspace(Options(project_dir=ROOT, profiles_dir=profiles, now=now))
    )


def _proof(profiles: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return command_server.run("proof", "--profiles-dir", str(profiles), *arguments, cwd=ROOT)


def _small(models: dict[str, str]) -> Evidence:
    return project_evidence(workspace(models))


def test_the_page_needs_nothing_but_a_browser(shipped: Evidence) -> None:
    text = proof_page(shipped)
    page = Page(text)
    assert not page.open
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all(link.startswith("#") for name in ("href", "src") for link in page.all(name))
    assert not re.search(r"url\(|@import|https?:", text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_the_page_can_be_read_by_everybody(shipped: Evidence) -> None:
    page = Page(proof_page(shipped))
    ids = Counter(page.all("id"))
    assert set(ids.values()) == {1}
    assert {link.removeprefix("#") for link in page.all("href")} <= set(ids)
    assert set(page.all("aria-labelledby")) <= set(ids)
    assert [text for tag, text in page.texts if tag == "h2"] == list(SECTIONS)
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert next(attributes for tag, attributes in page.tags if tag == "html") == {"lang": "en"}
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")


def test_its_colours_can_be_told_apart(shipped: Evidence) -> None:
    schemes = re.findall(r":root {(.*?)}", proof_page(shipped), re.DOTALL)
    assert len(schemes) == 3  # light, dark, paper
    for scheme in schemes:
        colours = dict(re.findall(r"--([a-z-]+): (#\w+)", scheme))
        for ink in ("ink", "quiet", "mark", "good"):
            for paper in {"ink": ("paper", "band", "good-band", "mark-band")}.get(ink, ("paper",)):
                assert _contrast(colours[ink], colours[paper]) >= READABLE, (ink, paper)


def test_it_says_what_the_shipped_project_does(shipped: Evidence) -> None:
    for words in (proof_page(shipped), proof_words(shipped)):
        assert "2026-11-23 12:00 UTC" in words
        for each in ("user_data.em", "normalize_email", "sha256_hex", "shop.orders.email"):
            assert each in words
        assert shipped.trusted_base.digest in words
    text = " ".join(text for _, text in Page(proof_page(shipped)).texts)
    for field in shipped.payload:
        assert field.field in text
        for step in (step for way in field.ways for step in way.path):
            assert step.place in text
    assert {each.kind for each in shipped.in_clear} == {"madid", "lead_id", "client_user_agent"}
    assert shipped.lookalikes == ()


def test_the_file_has_a_schema_that_stays(shipped: Evidence) -> None:
    content = json.loads(proof_json(shipped))
    assert tuple(content) == KEYS
    assert (content["version"], content["date"]) == (1, "2026-11-23T12:00:00Z")
    assert content["tillpost"] == version("tillpost")
    assert content["trusted_base"]["digest"] == content["trusted_base"]["shipped_digest"]
    (email,) = [each for each in content["payload"] if each["field"] == "user_data.em"]
    assert {way["source"] for way in email["ways"]} == {
        "shop.orders.email",
        "tills.till_lines.email",
    }
    for way in email["ways"]:
        assert (way["kind"], way["form"], way["hash"]) == ("email", "hashed", "sha256_hex")
        assert re.fullmatch(r"models/staging/stg_\w+\.sql:\d+", way["path"][-1]["place"])
    stored = [(each["relation"], each["column"]) for each in content["stored"]]
    assert len(stored) == len(set(stored)) < 100
    untagged = {each["source"]: each["columns"] for each in content["untagged"]}
    assert {"order_id", "total"} <= set(untagged["shop.orders"])
    assert {"receipt_no", "store_id"} <= set(untagged["tills.till_lines"])
    assert "email" not in untagged["shop.orders"]


def test_a_trusted_base_of_somebody_elses_is_named() -> None:
    before = workspace({"events": f"select {HASHED} as em from {{{{ ref('stg_customers') }}}}\n"})
    macros = tuple(
        replace(file, text=file.text + "\n") if file.path == BLOCK else file
        for file in before.project.macros
    )
    changed = replace(before, project=replace(before.project, macros=macros))
    assert project_evidence(before).trusted_base.is_shipped
    found = project_evidence(changed)
    (difference,) = found.trusted_base.differences
    assert difference == f"{BLOCK} was changed"
    assert difference in proof_page(found)
    assert difference in proof_words(found)


def test_what_filters_look_at_is_told() -> None:
    model = f"select {HASHED} as em from {{{{ ref('stg_customers') }}}}\nwhere phone <> '-'\n"
    found = _small({"events": model})
    for words in (proof_page(found), proof_words(found)):
        assert "models/events.sql:2" in words
        assert "shop.customers.phone (pii: phone)" in words


def test_names_of_a_project_are_no_markup() -> None:
    source = "{{ source('shop', 'customers') }}"
    found = _small({"stg_more": f'select id, "<script>alert(1)</script> e-mail" from {source}\n'})
    assert found.lookalikes
    assert "<script" not in proof_page(found)


def test_a_project_without_customers_has_a_page() -> None:
    text = proof_page(_small({"events": "select 1 as event_time\n"}))
    assert text.count("Nothing that is made of personal data.") == 2


@pytest.mark.parametrize("output", ["text", "json", "html"])
def test_the_command_prints_it_or_leaves_it_to_its_owner(
    profiles: Path, tmp_path: Path, output: str
) -> None:
    file = tmp_path / f"proof.{output}"
    file.touch(mode=0o644)
    written = _proof(profiles, "--output", output, "--file", str(file))
    assert (written.returncode, written.stdout) == (0, f"the proof is in {file.name}\n")
    assert file.stat().st_mode & 0o777 == 0o600
    if output == "json":
        assert tuple(json.loads(file.read_text(encoding="utf-8"))) == KEYS
    else:
        assert "user_data.em" in file.read_text(encoding="utf-8")


def test_without_a_proof_there_is_no_page(profiles: Path, tmp_path: Path) -> None:
    done = _proof(profiles, "--project-dir", str(_leaking(tmp_path)), "--output", "html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "never passes sha256_hex(normalize_email(…))" in done.stderr


def _leaking(folder: Path) -> Path:
    for name in ("macros", "seeds", "models", "tests"):
        copytree(ROOT / name, folder / name)
    (folder / "more").mkdir()
    model = "{{ config(materialized='table') }} select email from {{ ref('stg_orders') }}\n"
    (folder / "more" / "leak.sql").write_text(model, encoding="utf-8")
    text = (ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    settings = text.replace("model-paths: [models]", "model-paths: [models, more]")
    (folder / "dbt_project.yml").write_text(settings, encoding="utf-8")
    return folder


def _contrast(one: str, other: str) -> float:
    """As WCAG measures it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""A project of an earlier version is brought up to date: what is replaced, kept, told."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from bad_input_project import Project, Said, new_project
from project_harness import query
from tillpost.project.stamp import SCHEMA, STAMP_FILE, digest, read_stamp

GIT = shutil.which("git") or "git"
CITY = "macros/intrinsics/normalize_city.sql"
FINAL = "models/final/events.sql"
INTRINSICS = "macros/intrinsics/__intrinsics.yml"
GONE = "models/audit/old/audit_of_before.sql"


@pytest.fixture(scope="module")
def laid_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upgrades") / "shop"
    new_project(folder)
    return folder


@pytest.fixture(scope="module")
def built(laid_down: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a build, whose cities were normalised by another rule."""
    folder = shutil.copytree(laid_down, tmp_path_factory.mktemp("built") / "shop")
    rule = (folder / CITY).read_text()
    for now, before in (("({{ city }},", "('the ' || {{ city }},"), ("'[a-z]+'", "'[0-9]+'")):
        assert now in rule
        rule = rule.replace(now, before)
    shipped_before(folder, CITY, rule)
    assert tillpost(folder, "build").exit == 0
    return folder


@pytest.fixture
def project(laid_down: Path, tmp_path: Path) -> Path:
    return shutil.copytree(laid_down, tmp_path / "shop")


def tillpost(project: Path, *words: str) -> Said:
    return Project(folder=project).run(*words)


def stamp(project: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((project / STAMP_FILE).read_text())
    return content


def shipped_before(project: Path, path: str, text: str | None) -> None:
    """Make it so that the version which laid the project down had another text there, or none."""
    content = json.loads((project / STAMP_FILE).read_text())
    if text is None:
        del content["files"][path]
        (project / path).unlink()
    else:
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(text)
        content["files"][path] = digest(text.encode())
    (project / STAMP_FILE).write_text(json.dumps(content))


def texts(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file()
    }


def test_what_is_laid_down_is_stamped(project: Path) -> None:
    found = read_stamp(project)
    assert found
    assert found.schema == SCHEMA
    assert {path: digest((project / path).read_bytes()) for path in found.files} == found.files
    theirs = {"models/sources.yml", "models/staging/stg_sales.sql", "profiles.yml", ".gitignore"}
    assert not theirs & found.files.keys()
    assert not [path for path in texts(project) if path.endswith(".py")]


def test_a_new_project_is_up_to_date(project: Path) -> None:
    before = texts(project)
    said = tillpost(project, "init", "--upgrade")
    assert (said.exit, said.err) == (0, "")
    assert said.out.startswith("This project is up to date with Tillpost ")
    assert texts(project) == before


def test_what_nobody_edited_becomes_what_ships(project: Path) -> None:
    wanted = texts(project)
    shipped_before(project, FINAL, "select 1 as one")
    shipped_before(project, CITY, None)
    shipped_before(project, GONE, "select 2 as two")
    said = tillpost(project, "init", "--upgrade")
    assert said.exit == 0, said.err
    assert "1 file replaced, 1 file added, 1 file removed." in said.out
    for line in (f"replaced {FINAL}", f"added    {CITY}", f"removed  {GONE}"):
        assert f"  {line}\n" in said.out
    assert texts(project) == wanted
    assert not (project / GONE).parent.exists()


def test_a_dry_run_says_it_and_changes_nothing(project: Path) -> None:
    shipped_before(project, FINAL, "select 1 as one")
    before = texts(project)
    said = tillpost(project, "init", "--upgrade", "--dry-run")
    assert "would be upgraded" in said.out
    assert f"  replaced {FINAL}\n" in said.out
    assert texts(project) == before


def test_an_edit_stays_and_is_shown_beside_what_ships(project: Path) -> None:
    ships = (project / FINAL).read_text()
    shipped_before(project, FINAL, "select 1 as one\n")
    mine = "-- mine\n" + ships
    (project / FINAL).write_text(mine)
    said = tillpost(project, "init", "--upgrade")
    assert "1 file left as yours" in said.out
    assert f"--- a/{FINAL}\n+++ b/{FINAL}\n" in said.out
    assert "\n--- mine\n" in said.out
    assert (project / FINAL).read_text() == mine
    again = tillpost(project, "init", "--upgrade")
    assert again.out.startswith("This project is up to date")
    subprocess.run([GIT, "apply", ".tillpost/upgrade.diff"], cwd=project, check=True)
    assert (project / FINAL).read_text() == ships


def test_an_edit_of_what_still_ships_so_is_nothing_new(project: Path) -> None:
    path = project / FINAL
    path.write_text("-- mine\n" + path.read_text())
    assert tillpost(project, "init", "--upgrade").out.startswith("This project is up to date")


def test_what_its_owner_took_out_stays_out(project: Path) -> None:
    (project / "models/audit/audit_problems.sql").unlink()
    tillpost(project, "init", "--upgrade")
    assert not (project / "models/audit/audit_problems.sql").exists()


def test_an_edited_file_that_no_longer_ships_stays(project: Path) -> None:
    shipped_before(project, GONE, "select 2 as two")
    (project / GONE).write_text("select 3 as three")
    assert f"  yours    {GONE} (no longer ships)\n" in tillpost(project, "init", "--upgrade").out
    assert (project / GONE).read_text() == "select 3 as three"


def test_a_stamp_of_the_project_file_makes_it_nobody_elses(project: Path) -> None:
    content = json.loads((project / STAMP_FILE).read_text())
    for text in (b"of before", (project / "dbt_project.yml").read_bytes()):
        content["files"]["dbt_project.yml"] = digest(text)  # as the first stamps had it
        (project / STAMP_FILE).write_text(json.dumps(content))
        assert tillpost(project, "init", "--upgrade").out.startswith("This project is up to date")
    assert (project / "dbt_project.yml").exists()


def test_lines_may_end_as_on_windows(project: Path) -> None:
    path = project / FINAL
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert tillpost(project, "init", "--upgrade").out.startswith("This project is up to date")


def test_hashes_that_change_are_counted_before_anything_is_sent(
    built: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(built, tmp_path / "shop")
    run = query(project, "select run_id from build_stamp")
    said = tillpost(project, "init", "--upgrade", "--dry-run")
    words = "Under the new rules 1 hash of a build over the data of now changes: user_data.ct 1."
    assert words in said.out
    assert query(project, "select run_id from build_stamp") == run
    again = tillpost(project, "init", "--upgrade")
    assert "user_data.ct 1." in again.out
    assert not list((project / ".tillpost").glob("diff-*"))


def test_a_build_that_is_of_now_is_the_one_whose_hashes_are_counted(
    built: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(built, tmp_path / "shop")
    time.sleep(1)  # a build counts seconds, and its data must be older
    assert tillpost(project, "build").exit == 0
    said = tillpost(project, "init", "--upgrade")
    assert "Under the new rules 1 hash of the last build changes: user_data.ct 1." in said.out


def test_files_that_cannot_be_built_any_more_are_compared_by_the_build_that_stands(
    built: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(built, tmp_path / "shop")
    text = (project / INTRINSICS).read_text()
    shipped_before(project, INTRINSICS, text.replace("- name: read_time\n", "- name: older\n"))
    assert "says nothing about personal data" in tillpost(project, "compile").err
    said = tillpost(project, "init", "--upgrade")
    assert said.exit == 0
    assert "Under the new rules 1 hash of the last build changes: user_data.ct 1." in said.out
    assert "which sales enter or leave is not known" in said.out
    assert not list((project / ".tillpost").glob("diff-*"))
    assert tillpost(project, "compile").exit == 0


def test_without_a_build_it_is_said_that_nothing_is_known(project: Path) -> None:
    shipped_before(project, CITY, (project / CITY).read_text() + "\n")
    said = tillpost(project, "init", "--upgrade").out
    assert "How many hashes change is not known: nothing was built here yet." in said


def test_without_a_profile_it_is_said_that_nothing_is_known(project: Path) -> None:
    shipped_before(project, CITY, (project / CITY).read_text() + "\n")
    (project / "profiles.yml").unlink()
    said = tillpost(project, "init", "--upgrade")
    assert (said.exit, "is not known: there is no profiles.yml." in said.out) == (0, True)


def test_models_of_ones_own_that_no_longer_fit_are_told(project: Path) -> None:
    shipped_before(project, CITY, (project / CITY).read_text() + "\n")
    staging = project / "models/staging/stg_sales.sql"
    staging.write_text(re.sub(r"'consent',\s", "", staging.read_text()))
    said = tillpost(project, "init", "--upgrade")
    assert said.exit == 2
    assert "does not compile with the new files" in said.out
    assert 'there is no column "consent"' in said.err


def test_a_project_without_a_stamp_gets_one(project: Path) -> None:
    wanted = (project / STAMP_FILE).read_text()
    (project / STAMP_FILE).unlink()
    (project / CITY).unlink()
    (project / FINAL).write_text("-- mine\n" + (project / FINAL).read_text())
    said = tillpost(project, "init", "--upgrade")
    assert "without a stamp is upgraded" in said.out
    assert "1 file added, 1 file left as yours" in said.out
    assert (project / STAMP_FILE).read_text() == wanted


@pytest.mark.parametrize(
    ("schema", "message", "fix"),
    [
        (SCHEMA + 1, "this project is of a newer Tillpost", "pip install --upgrade tillpost"),
        (SCHEMA - 1, "this project is of an older Tillpost", "tillpost init --upgrade"),
    ],
)
def test_a_project_of_another_schema_is_refused(
    project: Path, schema: int, message: str, fix: str
) -> None:
    content = stamp(project) | {"schema": schema}
    (project / STAMP_FILE).write_text(json.dumps(content))
    for command in ("compile", "build", "status"):
        said = tillpost(project, command)
        assert said.exit == 2
        assert said.err.startswith(f"error: {STAMP_FILE}  {message}\n")
        assert said.err.endswith(f"try: {fix}\n")
    upgraded = tillpost(project, "init", "--upgrade")
    assert (upgraded.exit, tillpost(project, "compile").exit) == (
        (2, 2) if schema > SCHEMA else (0, 0)
    )


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"version": "1", "schema": "x", "files": {}}', '{"version": "1", "schema": 1}'],
)
def test_a_stamp_that_is_none_is_told(project: Path, content: str) -> None:
    (project / STAMP_FILE).write_text(content)
    for words in (("compile",), ("init", "--upgrade")):
        said = tillpost(project, *words)
        assert (said.exit, "this stamp cannot be read" in said.err) == (2, True)


@pytest.mark.parametrize("path", ["../victim.txt", "models/../../victim.txt"])
def test_a_stamp_leads_nowhere_else(project: Path, path: str) -> None:
    victim = project.parent / "victim.txt"
    victim.write_text("theirs")
    content = json.loads((project / STAMP_FILE).read_text())
    content["files"][path] = digest(b"theirs")
    (project / STAMP_FILE).write_text(json.dumps(content))
    assert tillpost(project, "init", "--upgrade").exit == 2
    assert victim.read_text() == "theirs"


def test_a_link_leads_nowhere_else(project: Path) -> None:
    other = project.parent / "elsewhere"
    shutil.move(project / "models", other)
    (project / "models").symlink_to(other)
    before = texts(other)
    said = tillpost(project, "init", "--upgrade")
    assert "this leads out of the project's folder" in said.err
    assert texts(other) == before


def test_a_project_file_that_is_a_link_leads_nowhere_else(project: Path) -> None:
    (project / STAMP_FILE).unlink()
    other = project.parent / "elsewhere.yml"
    shutil.move(project / "dbt_project.yml", other)
    text = other.read_text().replace("  min_frequent_hash: 20\n", "")
    other.write_text(text)
    (project / "dbt_project.yml").symlink_to(other)
    said = tillpost(project, "init", "--upgrade")
    assert "dbt_project.yml  this leads out of the project's folder" in said.err
    assert other.read_text() == text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("init",), "a new project needs a folder"),
        (("init", "--upgrade", "--currency", "EUR"), "error: --currency  an upgrade takes"),
        (("init", "--upgrade", "--time-zone", "UTC"), "error: --time-zone  an upgrade takes"),
        (
            ("init", "--upgrade", "--from", "a.csv", "--grain", "line", "--country", "DE"),
            "error: --from, --grain, --country  an upgrade takes no such option\n",
        ),
        (("init", "new", "--dry-run"), "--dry-run and --target are for an upgrade"),
        (("init", "--upgrade", "models"), "there is no dbt_project.yml here"),
        (("init", "--upgrade", "nowhere"), "there is no such folder"),
    ],
)
def test_a_command_that_makes_no_sense_is_told(
    project: Path, words: tuple[str, ...], message: str
) -> None:
    said = tillpost(project, *words)
    assert (said.exit, message in said.err) == (2, True)


def test_a_strangers_profile_runs_no_command(built: Path, tmp_path: Path) -> None:
    project = shutil.copytree(built, tmp_path / "shop")
    ran = tmp_path / "ran"
    profile = project / "profiles.yml"
    ledger = f"ledger: {{type: postgres, host: 127.0.0.1, password_command: [touch, {ran}]}}"
    text = profile.read_text()
    assert "ledger: tillpost_ledger.duckdb\n" in text
    profile.write_text(text.replace("ledger: tillpost_ledger.duckdb\n", ledger + "\n"))
    said = tillpost(project, "init", "--upgrade")
    assert not ran.exists()
    assert "hashes change is not known" in said.out

"""What an edit changes: real repositories, real edits, and what is said of them."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from project_harness import Table, make_project, query, tillpost

DAY = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d} 10:00:0"
ROWS = [f"A{n},{DAY}{n},1{n}.50,EUR,Ada{n}@Lovelace.example,Ada {n}\n" for n in range(5)]
GIT = shutil.which("git") or "git"
IGNORED = ".tillpost/\ndata/\n*.duckdb*\n"
Edit = Callable[[Path], None]
Told = dict[str, Any]


def git(folder: Path, *words: str) -> None:
    name = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run([GIT, *name, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the project in a folder of it, and its data beside git."""
    root = tmp_path_factory.mktemp("diff") / "repository"
    text = "order_id,event_time,order_total,currency,email,fn\n" + "".join(ROWS)
    project = make_project(
        root / "meta" / "shop",
        [Table(name="sales.rows", files={"one": text})],
        edge_url="http://127.0.0.1:9",
    )
    (root / "readme.txt").write_text("of the repository")
    (project / ".gitignore").write_text(IGNORED)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def project(committed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(committed, tmp_path / "repository") / "meta" / "shop"


def edit(project: Path, file: str, old: str, new: str) -> None:
    path = project / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def different(project: Path, revision: str = "main") -> Told:
    said = tillpost(project, "diff", revision, "--output", "json")
    assert said.returncode in {0, 1}, said.stderr
    found: Told = json.loads(said.stdout)
    return found


def no_first(project: Path) -> None:
    edit(
        project,
        "models/final/events.sql",
        "where verdicts.bucket = 'pending'",
        "where verdicts.bucket = 'pending' and true",
    )
    edit(
        project,
        "models/intermediate/int_basket_verdicts.sql",
        "when reasons = 'forgotten'",
        "when reasons = 'forgotten' or event_key is null",
    )


def no_zero(project: Path) -> None:
    edit(
        project,
        "models/intermediate/int_judged_baskets.sql",
        "when event_name = 'Purchase' and currency is null then 'no_currency'",
        "when order_value < 12 then 'no_currency'",
    )


def cut_names(project: Path) -> None:
    edit(project, "models/intermediate/int_identities.sql", "fn_hash as fn", "ln_hash as fn")


def shout(project: Path) -> None:
    edit(
        project,
        "models/intermediate/int_event_parts.sql",
        """json_pair("'currency'", json_word('currency')),""",
        """json_pair("'currency'", json_word('currency')), json_pair("'shop'", "'1'"),""",
    )


def call(project: Path) -> None:
    edit(
        project,
        "models/intermediate/int_event_parts.sql",
        """json_pair("'contents'", 'contents'),""",
        """json_pair("'contents'", 'contents'), json_pair("'+49 30 1/23~4'", "'1'"),""",
    )


def turn_names(project: Path) -> None:
    edit(
        project,
        "macros/intrinsics/normalize_name.sql",
        "duckdb__without_punctuation(name), plain",
        "'reverse(' ~ duckdb__without_punctuation(name) ~ ')', plain",
    )


def drop_one(project: Path) -> None:
    edit(project, "models/staging/stg_sales_rows.sql", "where ", "where order_id <> 'A0' and ")


def swap(project: Path) -> None:
    value = """json_pair("'value'", number_text('order_value', 'places')),"""
    currency = """json_pair("'currency'", json_word('currency')),"""
    path = "models/intermediate/int_event_parts.sql"
    edit(project, path, f"{value}\n        {currency}", f"{currency}\n        {value}")


def leave_out_names(project: Path) -> None:
    path = "models/intermediate/int_user_data.sql"
    edit(project, path, "json_hash(\"'fn'\", 'fn')", "json_hash(\"'fn'\", 'cast(null as uuid)')")


def hold_back(project: Path) -> None:
    path = "models/final/events.sql"
    edit(project, path, "= 'pending'", "= 'pending' and payloads.payload not like '%14.5%'")


def sign(project: Path) -> None:
    path = "models/final/events.sql"
    signed = 'replace(payloads.payload, \'"currency"\', \'"by":1,"currency"\') as payload'
    edit(project, path, "    payloads.payload\n", f"    {signed}\n")


@pytest.fixture(scope="module")
def told_of(committed: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Edit], Told]:
    """What is said of an edit where no build stands."""

    @cache
    def told(change: Edit) -> Told:
        root = shutil.copytree(committed, tmp_path_factory.mktemp("told") / "repository")
        project = root / "meta" / "shop"
        change(project)
        return different(project)

    return told


@pytest.mark.parametrize(
    ("change", "edited", "leave", "fields"),
    [
        (hold_back, {"events"}, 1, {}),
        (sign, {"events"}, 0, {"custom_data.by": (5, 0, 0)}),
        (no_zero, {"int_judged_baskets"}, 2, {}),
        (cut_names, {"int_identities"}, 0, {"user_data.fn": (0, 5, 0)}),
        (shout, {"int_event_parts"}, 0, {"custom_data.shop": (5, 0, 0)}),
        (call, {"int_event_parts"}, 0, {"custom_data.***": (5, 0, 0)}),
        (drop_one, {"stg_sales_rows"}, 1, {}),
        (swap, {"int_event_parts"}, 0, {"payload": (0, 0, 5)}),
        (leave_out_names, {"int_user_data"}, 0, {"user_data.fn": (0, 5, 0)}),
        (turn_names, {"int_normalized_spellings"}, 0, {"user_data.fn": (0, 0, 5)}),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
def test_an_edit_is_told_by_what_it_changes(
    told_of: Callable[[Edit], Told],
    change: Edit,
    edited: set[str],
    leave: int,
    fields: dict[str, tuple[int, int, int]],
) -> None:
    found = told_of(change)
    assert {each["name"] for each in found["edited"]} == edited
    assert (found["enter"]["sales"], found["leave"]["sales"]) == (0, leave)
    told = {e["field"]: (e["added"], e["removed"], e["changed"]) for e in found["fields"]}
    assert told == fields
    assert not found["is_empty"]


def test_what_the_final_view_lets_go_against_its_verdict_enters(project: Path) -> None:
    no_zero(project)
    git(project, "commit", "-qam", "two are rejected")
    edit(project, "models/final/events.sql", "where verdicts.bucket = 'pending'", "")
    found = different(project, "HEAD")
    assert (found["enter"]["sales"], found["leave"]["sales"]) == (2, 0)


def build_later(project: Path) -> None:
    """What was written in the second of a build may be newer than it."""
    time.sleep(1.1)
    done = tillpost(project, "build")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("change", [drop_one, turn_names])
@pytest.mark.parametrize("order", ["built, edited", "edited, built"])
def test_the_build_that_stands_is_one_side_and_says_the_same(
    project: Path, told_of: Callable[[Edit], Told], change: Edit, order: str
) -> None:
    steps = {"built": build_later, "edited": change}
    for step in order.split(", "):
        steps[step](project)
    before = (project / ".tillpost/build.duckdb").read_bytes()
    found = different(project)
    assert found["build"] == query(project, "select run_id from build_stamp")[0][0]
    assert (project / ".tillpost/build.duckdb").read_bytes() == before
    assert {**found, "build": None} == told_of(change)
    assert found["is_empty"] is False


def add_a_row(project: Path) -> None:
    path = next((project / "data").rglob("one.csv"))
    path.write_text(path.read_text() + ROWS[0].replace("A0", "A9"))


@pytest.mark.parametrize("change", [add_a_row, turn_names])
def test_a_build_of_other_data_or_of_neither_version_is_no_side(
    project: Path, change: Edit
) -> None:
    drop_one(project)
    build_later(project)
    change(project)
    assert different(project)["build"] is None


def test_what_leaves_is_told_with_its_value(project: Path, told_of: Callable[[Edit], Told]) -> None:
    (move,) = told_of(no_zero)["moves"]
    assert (move["old_bucket"], move["new_bucket"]) == ("pending", "rejected")
    assert (move["new_reasons"], move["sales"], move["value"]) == ("no_currency", 2, 22.0)
    no_zero(project)
    words = tillpost(project, "diff", "main").stdout
    assert words.startswith("1 model edited against main: 2 events leave (22.00 EUR)\n")
    page = tillpost(project, "diff", "main", "--output", "markdown").stdout
    assert page.startswith("### Tillpost: 1 model edited against main: 2 events leave (22.00 EUR)")
    assert "| pending |  | rejected | no_currency | 2 | 22.00 EUR | sales.rows" in page
    assert "lovelace" not in words.lower() + page.lower()


def test_the_other_way_round_they_enter(project: Path) -> None:
    no_zero(project)
    git(project, "commit", "-q", "-a", "-m", "second")
    git(project, "checkout", "-q", "HEAD~1")
    assert different(project)["enter"] == {"sales": 2, "value": {"EUR": 22.0}}


def test_a_comment_changes_nothing_and_builds_nothing(project: Path) -> None:
    path = project / "models/intermediate/int_places.sql"
    path.write_text("-- another word\n" + path.read_text())
    said = tillpost(project, "diff", "HEAD", "--fail-if-changed")
    assert (said.returncode, said.stdout) == (0, "no model differs against HEAD\n")


def test_what_is_edited_and_comes_to_the_same_is_said_so(project: Path) -> None:
    no_first(project)
    said = tillpost(project, "diff", "main", "--fail-if-changed")
    assert said.returncode == 0
    first = said.stdout.splitlines()[0]
    assert first == "2 models edited against main, and nothing that is sent changes"


def test_a_seed_is_an_edit_of_what_reads_it(project: Path) -> None:
    path = project / "seeds/currencies.csv"
    path.write_text(path.read_text().replace("EUR\n", ""))
    said = tillpost(project, "diff", "main", "--fail-if-changed")
    assert said.returncode == 1
    assert "int_judged_baskets  seed currencies" in said.stdout
    assert "5 events leave" in said.stdout.splitlines()[0]


def test_a_renamed_model_is_removed_and_added(project: Path) -> None:
    models = project / "models"
    (models / "intermediate/int_places.sql").rename(models / "intermediate/int_spots.sql")
    for path in (*models.rglob("*.sql"), *models.rglob("*.yml")):
        path.write_text(path.read_text().replace("int_places", "int_spots"))
    found = different(project)
    how = {each["name"]: each["how"] for each in found["edited"]}
    assert (how["int_places"], how["int_spots"]) == ("removed", "added")
    assert found["is_empty"]


def test_what_is_wrong_with_the_old_version_is_told_as_its_own(project: Path) -> None:
    edit(project, "models/intermediate/int_places.sql", "select", "selekt")
    git(project, "commit", "-q", "-a", "-m", "broken")
    edit(project, "models/intermediate/int_places.sql", "selekt", "select")
    said = tillpost(project, "diff", "main")
    assert said.returncode == 2
    assert "main:models/intermediate/int_places.sql" in said.stderr


def test_a_link_out_of_the_old_version_is_told(project: Path) -> None:
    (project / "models" / "away.sql").symlink_to("/etc/hostname")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "link")
    (project / "models" / "away.sql").unlink()
    said = tillpost(project, "diff", "main")
    assert (said.returncode, 'a link at "main" leads out' in said.stderr) == (2, True)


def test_it_is_written_to_a_file_and_makes_no_ledger(project: Path) -> None:
    cut_names(project)
    page = project / "diff.md"
    words = ("diff", "main", "--output", "markdown", "--file", str(page), "--fail-if-changed")
    said = tillpost(project, *words)
    assert (said.returncode, said.stdout) == (1, "")
    assert page.read_text().startswith("### Tillpost: 1 model edited against main: 1 field differs")
    assert not list(project.glob("*.duckdb*"))
    assert [each.name for each in (project / ".tillpost").iterdir()] == ["spill"]


def test_nothing_of_the_users_is_touched(project: Path) -> None:
    assert tillpost(project, "build").returncode == 0
    stamp = query(project, "select run_id from build_stamp")
    ours = sorted((project / ".tillpost").iterdir())
    left = project / ".tillpost" / "diff-999999999-dead"
    left.mkdir()
    cut_names(project)
    before = (project / "models/intermediate/int_identities.sql").read_text()
    assert not different(project)["is_empty"]
    assert query(project, "select run_id from build_stamp") == stamp
    assert sorted((project / ".tillpost").iterdir()) == ours
    assert (project / "models/intermediate/int_identities.sql").read_text() == before
    status = subprocess.run(
        [GIT, "status", "--short"], cwd=project, check=True, capture_output=True, text=True
    )
    assert status.stdout == " M models/intermediate/int_identities.sql\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("no-such-branch",), 'git knows no revision "no-such-branch"'),
        (("--", "--output=/tmp/x"), 'git knows no revision "--output=/tmp/x"'),
    ],
)
def test_a_revision_that_is_none_is_told(
    project: Path, words: tuple[str, ...], message: str
) -> None:
    said = tillpost(project, "diff", *words)
    assert (said.returncode, message in said.stderr) == (2, True)


def test_a_folder_without_git_is_told(project: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(project, tmp_path / "bare")
    said = tillpost(bare, "diff", "HEAD")
    assert (said.returncode, "is in no git repository" in said.stderr) == (2, True)


def test_a_revision_before_the_project_is_told(project: Path) -> None:
    git(project, "checkout", "-q", "--orphan", "empty")
    git(project, "rm", "-r", "-q", "--cached", ".")
    git(project, "commit", "-q", "--allow-empty", "-m", "nothing")
    git(project, "checkout", "-q", "-f", "main")
    said = tillpost(project, "diff", "empty")
    assert said.returncode == 2
    assert 'there is no project at "empty"' in said.stderr

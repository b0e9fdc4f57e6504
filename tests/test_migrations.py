"""A project of before there were stamps becomes one of this version, from the oldest on."""

import tarfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bad_input_project import Project, Said
from earlier_texts import LAST, earlier_marks, has_history
from ledger_layouts import duckdb_layout
from project_harness import LEDGER, query
from tillpost.errors import UsageError
from tillpost.project import earlier, migrate_staging, migrate_variables
from tillpost.project.earlier import stamp_before_stamps
from tillpost.project.guess import CUSTOMER_COLUMNS
from tillpost.project.stamp import SCHEMA, read_stamp
from tillpost.project.starter import LINE_COLUMNS, ROW, SALE_COLUMNS, project_text
from tillpost.project.yaml_file import parse_yaml

OLDEST = Path(__file__).parent / "data" / "oldest-project.tar.xz"
"""What `init shop --country DE` of aefcd3a laid down, the first commit that had all it needs."""
CLOCK = ("--vars", "{as_of: '2026-11-25T12:00:00Z'}")
UNION = "models/intermediate/int_sales.sql"
STAGING = "models/staging/stg_sales.sql"
CITY = "macros/intrinsics/normalize_city.sql"
GONE = "models/intermediate/int_contents.sql"
THEIRS = {"dbt_project.yml", UNION, STAGING, "models/sources.yml", "profiles.yml"}
# The two events that aefcd3a sends of this project's data: their keys, their sales', digests.
SENT = (
    *("08c04fa0-0087-c273-e692-334e86b96e6a", "812f47cb-f1a5-7981-59e3-db5993b2d097"),
    *("96e27b73-852e-da03-6378-01913e52674b", "5fe144e5-f588-796a-f8f3-a65abc0f7138"),
    *("18ddb5da-a25c-013a-d1fc-817f7a84a442", "b5d1089f-f7ee-68a9-f6c4-d7703f4d382b"),
)


@pytest.fixture
def oldest(tmp_path: Path) -> Path:
    with tarfile.open(OLDEST) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "shop"


def tillpost(project: Path, *words: str) -> Said:
    return Project(folder=project).run(*words)


def edit(project: Path, path: str, **changes: str) -> None:
    """Write ``after`` where ``before`` stands, as a user would."""
    text = (project / path).read_text()
    assert changes["before"] in text
    (project / path).write_text(text.replace(changes["before"], changes["after"]))


def results(project: Path) -> list[list[tuple[Any, ...]]]:
    built = tillpost(project, "build", *CLOCK)
    assert built.exit == 0, built.err
    return [query(project, f"from {name} order by all") for name in ("events", "rejected_events")]


def texts(project: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_the_oldest_project_becomes_one_that_sends_what_a_new_one_sends(oldest: Path) -> None:
    said = tillpost(oldest, "init", "--upgrade")
    assert (said.exit, said.err) == (0, "")
    assert said.out.startswith("This project without a stamp is upgraded to Tillpost ")
    assert "yours" not in said.out
    assert "only you" not in said.out
    assert not (oldest / GONE).exists()
    fresh = oldest.parent / "fresh"
    tillpost(oldest, "init", str(fresh), "--country", "DE")
    (fresh / "data/sales.csv").write_bytes((oldest / "data/sales.csv").read_bytes())
    found = results(oldest)
    assert found == results(fresh)
    assert [len(rows) for rows in found] == [2, 1]
    stamp = read_stamp(oldest)
    assert stamp
    assert stamp == read_stamp(fresh)
    assert stamp.schema == SCHEMA
    names = {
        path.relative_to(oldest).as_posix()
        for place in earlier.PLACES
        for path in (oldest / place).rglob("*")
        if path.is_file()
    }
    assert not names - stamp.files.keys() - THEIRS
    again = tillpost(oldest, "init", "--upgrade")
    assert again.out.startswith("This project is up to date")


def test_what_the_oldest_version_sent_is_not_sent_again(oldest: Path) -> None:
    columns = (
        "event_key, sale_key, payload_digest, rules_version, dataset_id, state, run_id, batch,"
        " attempt, written_at, day"
    )
    events = [SENT[:3], SENT[3:]]
    with duckdb.connect(oldest / LEDGER) as ledger:
        ledger.execute(duckdb_layout(1))
        ledger.executemany(
            f"insert into entries ({columns}) values"
            " (?, ?, ?, '1', '1234567890123456', ?, 'old', 0, 1, now()::timestamp, current_date)",
            [(*event, state) for state in ("leaving", "accepted") for event in events],
        )
    assert tillpost(oldest, "init", "--upgrade").exit == 0
    assert results(oldest)[0] == []
    buckets = "select event_key::varchar, bucket from int_basket_verdicts where bucket = 'changed'"
    assert sorted(query(oldest, buckets)) == [(event[0], "changed") for event in events]


def test_what_its_owner_wrote_is_kept(oldest: Path) -> None:
    edit(oldest, CITY, before="{%", after="{# mine #}{%")
    edit(oldest, STAGING, before="as order_id,", after="as order_id,  -- theirs")
    edit(oldest, "dbt_project.yml", before="lookback: 63", after="lookback: 30  # shorter")
    windows = (oldest / "dbt_project.yml").read_bytes().replace(b"\n", b"\r\n")
    (oldest / "dbt_project.yml").write_bytes(windows)
    (oldest / "models/mine.sql").write_text("select 1 as one")
    copy = (oldest / GONE).read_bytes()
    (oldest / "models/contents_of_mine.sql").write_bytes(copy)
    before = texts(oldest)
    said = tillpost(oldest, "init", "--upgrade", "--dry-run")
    assert texts(oldest) == before
    assert "3 files migrated, 1 file left as yours." in said.out
    assert f"--- a/{CITY}\n+++ b/{CITY}\n" in said.out
    tillpost(oldest, "init", "--upgrade")
    assert "{# mine #}" in (oldest / CITY).read_text()
    assert "as order_id,  -- theirs\n" in (oldest / STAGING).read_text()
    assert (oldest / "models/mine.sql").read_text() == "select 1 as one"
    assert (oldest / "models/contents_of_mine.sql").read_bytes() == copy
    settings = (oldest / "dbt_project.yml").read_bytes()
    assert settings.count(b"\n") == settings.count(b"\r\n") > windows.count(b"\n")
    assert b"lookback: 30  # shorter\r\n" in settings
    patch = (oldest / ".tillpost/upgrade.diff").read_text()
    assert [line for line in patch.splitlines() if line.startswith("---")] == [f"--- a/{CITY}"]


def test_what_only_its_owner_can_do_is_told(oldest: Path) -> None:
    text = "select * from {{ ref('stg_sales') }}\nunion all by name\nfrom {{ ref('stg_web') }}\n"
    (oldest / UNION).write_text(text)
    before = (oldest / STAGING).read_text()
    said = tillpost(oldest, "init", "--upgrade")
    assert "What only you can do, since it depends on what you wrote:\n\n" in said.out
    assert f"\n{UNION}  this model does not take all columns of the staging models\n" in said.out
    assert ((oldest / UNION).read_text(), (oldest / STAGING).read_text()) == (text, before)
    assert said.exit == 2
    assert "does not compile" in said.out


def test_an_edited_file_that_no_longer_ships_is_told(oldest: Path) -> None:
    (oldest / GONE).write_text(f"-- mine\n{(oldest / GONE).read_text()}")
    said = tillpost(oldest, "init", "--upgrade")
    assert f"  yours    {GONE} (no longer ships)\n" in said.out
    assert said.exit == 2
    assert f"error: {GONE}:" in said.err


def test_what_is_left_is_told_where_no_file_changes(oldest: Path) -> None:
    tillpost(oldest, "init", "--upgrade")
    (oldest / ".tillpost-stamp.json").unlink()
    (oldest / STAGING).write_text("select * from {{ source('sales', 'rows') }}")
    said = tillpost(oldest, "init", "--upgrade")
    assert ": no file is another one.\n\nWhat only you can do" in said.out
    assert f"\n{STAGING}  this staging model lacks new columns\n" in said.out
    assert (said.exit, tillpost(oldest, "build", *CLOCK).exit) == (0, 2)


def test_all_texts_of_before_stamps_are_known() -> None:
    if not has_history():
        pytest.skip(f"this is no checkout with {LAST}")
    assert earlier.known_marks() == frozenset(earlier_marks())


def test_all_files_of_the_oldest_project_are_known(oldest: Path) -> None:
    files = {
        path.relative_to(oldest).as_posix() for path in oldest.rglob("*") if path.is_file()
    } - THEIRS
    known = {path for path, was in stamp_before_stamps(oldest).files.items() if was}
    assert files - known == {".gitignore", "data/sales.csv"}


def test_no_variable_and_no_column_came_without_a_migration(oldest: Path) -> None:
    """What comes from now on needs a step to the next schema: stamped projects make no other."""
    names = parse_yaml((oldest / "dbt_project.yml").read_text(), shown="")["vars"].keys()
    assert [*names, *migrate_variables.ADDED] == list(parse_yaml(project_text(), shown="")["vars"])
    columns = {*migrate_staging.BEFORE, *migrate_staging.ADDED, "is_date_only"}
    assert columns == {*ROW, *SALE_COLUMNS, *LINE_COLUMNS, *CUSTOMER_COLUMNS}


TIME = "{{ read_time('cast(at as varchar)', time_zone('a.b')) }}\n    as event_time,\n"
DATED = "{{ is_date_only('cast(at as varchar)') }} as is_date_only"
PRODUCT = "price * quantity as line_total,\n"
LIST = ",\n    ".join(migrate_staging.BEFORE)
SPREAD = "select\n    {{ sale_columns() }},\n    {{ customer_columns() }}\nfrom sales\n"
NAMED = "{{ sale_columns() }}, {{ customer_columns() }}"


@pytest.mark.parametrize(
    ("text", "has", "has_not"),
    [
        (f"select\n    {TIME}{PRODUCT}from a\n", (DATED, "'consent'", "'user_keys'"), ()),
        ("select\n    at as event_time\nfrom a", ("cast(null as boolean) as is_date_only",), ()),
        (f"with a as (select * from b)\n\nselect\n    {TIME}from a\n", (DATED,), ()),
        (f"-- consent?\nselect\n    {TIME}from a\n", (DATED, "'consent'"), ()),
        (f"select\n    {TIME}    yes as consent,\nfrom a\n", (DATED, "'opt_out'"), ("'consent'",)),
    ],
)
def test_columns_are_written_into_staging_models(
    text: str, has: tuple[str, ...], has_not: tuple[str, ...]
) -> None:
    after = migrate_staging.with_columns(text, path=STAGING)
    assert all(words in after for words in has)
    assert not any(words in after for words in has_not)
    assert set(text.splitlines()) <= set(after.splitlines())
    assert migrate_staging.with_columns(after, path=STAGING) == after


def test_a_restriction_is_never_lost() -> None:
    listed = f"select\n    {TIME}    {{{{ unmapped('store_data', 'data_processing') }}}}\nfrom a\n"
    assert "'store_data', 'data_processing_options') }}" in migrate_staging.with_columns(
        listed, path=STAGING
    )
    for mapped in (
        "    limits as data_processing,\n",
        "    data_processing\n",
        "    a.data_processing\n",
    ):
        with pytest.raises(UsageError, match="became three columns"):
            migrate_staging.with_columns(f"select\n    {TIME}{mapped}from a\n", path=STAGING)


@pytest.mark.parametrize(
    "text",
    [
        "select * from a",
        f"select\n    {TIME}    a.*\nfrom a\n",
        f"select\n    {TIME}    {{{{ all_of_mine() }}}}\nfrom a\n",
        f"select\n    {TIME}    {{% for name in names %}}{{{{ name }}}},{{% endfor %}}\nfrom a\n",
        f"select\n    {TIME}    1 as one\nfrom a\nunion all\nselect\n    {TIME} 1\nfrom b\n",
    ],
)
def test_a_staging_model_of_another_form_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(UsageError, match="lacks new columns") as caught:
        migrate_staging.with_columns(text, path=STAGING)
    assert caught.value.where == STAGING


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (f"select\n    {LIST}\nfrom sales\n", f"select {NAMED}\nfrom sales\n"),
        (f"select {NAMED}\nfrom sales\n", f"select {NAMED}\nfrom sales\n"),
        (
            f"select\n    {LIST}\nfrom a -- mine\nunion all\nselect {LIST} from b\n",
            f"select {NAMED}\nfrom a -- mine\nunion all\nselect {NAMED} from b\n",
        ),
        (SPREAD, SPREAD),
        (f"select {LIST}, mine from a", ""),
        (f"select {LIST} from a\nunion all\nselect * from b", ""),
    ],
)
def test_the_model_that_unites_staging_models_takes_all_their_columns(
    text: str, after: str
) -> None:
    if after:
        assert migrate_staging.with_macros(text, path=UNION) == after
        return
    with pytest.raises(UsageError, match="does not take all columns"):
        migrate_staging.with_macros(text, path=UNION)


@pytest.mark.parametrize(
    "text",
    [
        "vars:\n  lookback: 3\n",
        "vars:\n  lookback: 3",
        "vars:  # mine\n    # how far\n    lookback: 3\n\n# hooks\non-run-start: []\n",
        "vars:\n  shop:\n    lookback: 3\n  day_first: true\n\nname: shop\n",
        "name: shop\nvars:\n  strict_privacy: true\n  min_frequent_hash: 5\n",
    ],
)
def test_variables_are_written_after_those_that_stand_there(text: str) -> None:
    after = migrate_variables.with_variables(text)
    before, settings, ours = (parse_yaml(each, shown="") for each in (text, after, project_text()))
    added = {name: ours["vars"][name] for name in migrate_variables.ADDED}
    assert settings == before | {"vars": added | before["vars"]}
    assert set(text.splitlines()) <= set(after.splitlines())
    assert "is warned about (audit_frequent_hashes).\n" in after
    assert migrate_variables.with_variables(after) == after


@pytest.mark.parametrize("text", ["name: shop\n", "vars: {lookback: 3}\n", "vars:\n"])
def test_variables_of_another_form_are_left_to_the_owner(text: str) -> None:
    with pytest.raises(UsageError, match=r"these variables are not set: .*min_frequent_hash"):
        migrate_variables.with_variables(text)

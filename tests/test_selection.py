"""Selecting parts of a project: dbt's words over a small graph, and over a real project."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from project_harness import Table, make_project, query, tillpost
from tillpost.errors import UsageError
from tillpost.selection import Node, chosen

GRAPH = {
    node.id: node
    for node in (
        Node(
            id="source:tills.lines",
            name="tills.lines",
            kind="source",
            path="models/sources.yml",
            parents=frozenset(),
        ),
        Node(id="codes", name="codes", kind="seed", path="seeds/codes.csv", parents=frozenset()),
        *(
            Node(
                id=name,
                name=name,
                kind="model",
                path=f"models/{folder}/{name}.sql",
                parents=frozenset(parents.split()),
                tags=frozenset(tags.split()),
                materialized="table" if folder == "final" else "view",
                state=frozenset(state.split()),
            )
            for name, folder, parents, tags, state in (
                ("stg_lines", "staging", "source:tills.lines", "raw", ""),
                ("int_lines", "intermediate", "stg_lines codes", "", "modified"),
                ("int_people", "intermediate", "stg_lines", "slow raw", "new modified"),
                ("events", "final", "int_lines int_people", "", ""),
                ("audit", "final", "events", "slow", ""),
            )
        ),
        *(
            Node(
                id=f"test:{name}",
                name=name,
                kind="test",
                path=f"tests/sql/{name}.sql",
                parents=frozenset(parents.split()),
            )
            for name, parents in (
                ("lines_are_known", "int_lines codes"),
                ("events_are_unique", "events"),
            )
        ),
    )
}
WHOLE = "audit codes events int_lines int_people stg_lines tills.lines"


@pytest.mark.parametrize(
    ("select", "exclude", "expected"),
    [
        ("", "", WHOLE),
        ("int_lines", "", "int_lines"),
        ("+int_lines", "", "codes int_lines stg_lines tills.lines"),
        ("1+int_lines", "", "codes int_lines stg_lines"),
        ("0+int_lines", "", "int_lines"),
        ("int_people+", "", "audit events int_people"),
        ("int_people+1", "", "events int_people"),
        ("1+events+1", "", "audit events int_lines int_people"),
        ("@int_people", "", WHOLE),
        ("@audit", "", WHOLE),
        ("int_*", "", "int_lines int_people"),
        ("staging", "", "stg_lines"),
        ("inter*", "", "int_lines int_people"),
        ("models/final", "", "audit events"),
        ("path:models/final/", "", "audit events"),
        ("./models/final/events.sql", "", "events"),
        ("models/*/int_*.sql", "", "int_lines int_people"),
        ("tag:slow", "", "audit int_people"),
        ("tag:s*", "", "audit int_people"),
        ("tag:slow,tag:raw", "", "int_people"),
        ("tag:slow stg_lines", "", "audit int_people stg_lines"),
        ("source:tills", "", "tills.lines"),
        ("source:tills.lines+1", "", "stg_lines tills.lines"),
        ("tills.lines", "", "tills.lines"),
        ("resource_type:seed", "", "codes"),
        ("config.materialized:table", "", "audit events"),
        ("state:modified", "", "int_lines int_people"),
        ("state:new", "", "int_people"),
        ("state:modified+,config.materialized:view", "", "int_lines int_people"),
        ("+events", "int_people", "codes events int_lines stg_lines tills.lines"),
        ("+events", "+int_lines", "events int_people"),
        ("", "tag:slow source:tills", "codes events int_lines stg_lines"),
        ("", "state:modified,tag:slow", "audit codes events int_lines stg_lines tills.lines"),
    ],
)
def test_terms_mean_what_they_mean_in_dbt(select: str, exclude: str, expected: str) -> None:
    found = chosen(GRAPH, select.split(";") if select else (), [exclude] if exclude else ())
    assert " ".join(sorted(GRAPH[e].name for e in found if GRAPH[e].kind != "test")) == expected


@pytest.mark.parametrize(
    ("select", "exclude", "expected"),
    [
        ("codes", "", {"lines_are_known"}),
        ("events", "", {"events_are_unique"}),
        ("events_are_unique", "", {"events_are_unique"}),
        ("tests/sql", "", {"lines_are_known", "events_are_unique"}),
        ("int_lines events", "int_lines", {"events_are_unique"}),
        ("+events", "events_are_unique", {"lines_are_known"}),
        ("audit", "", set()),
    ],
)
def test_a_test_goes_with_what_it_tests(select: str, exclude: str, expected: set[str]) -> None:
    found = chosen(GRAPH, [select], [exclude] if exclude else ())
    assert {GRAPH[each].name for each in found if GRAPH[each].kind == "test"} == expected


@pytest.mark.parametrize(
    ("select", "exclude", "message"),
    [
        ("int_line", "", '--select  nothing here is called "int_line"\n  try: int_lines'),
        ("tag:slo", "", '--select  nothing here is called "tag:slo"\n  try: slow'),
        (
            "models/finl",
            "",
            '--select  nothing here is called "models/finl"\n  try: models/final',
        ),
        ("source:tills.line", "", 'called "source:tills.line"\n  try: tills.lines'),
        (
            "zzz",
            "",
            '--select  nothing here is called "zzz"\n  try: tillpost compile lists the models',
        ),
        ("events", "evnts", '--exclude  nothing here is called "evnts"\n  try: events'),
        ("events", "+audit", "nothing is left to select\n  --exclude takes all of it away"),
        (
            "tags:slow",
            "",
            '--select  nothing is selected by "tags:"\n  there are: name:, path:, tag:, ',
        ),
        ("+", "", '--select  "+" selects nothing\n  try: a name, +name+, tag:name'),
        (
            "int_lines,audit",
            "",
            '--select  "int_lines,audit" selects nothing\n  nothing is on both sides of a comma',
        ),
        (" ", "", "--select  there is no term\n  try: a name, +name+, tag:name"),
        ("events", " ", "--exclude  there is no term"),
        ("state:modifed", "", 'nothing here is called "state:modifed"\n  try: modified'),
    ],
)
def test_a_term_without_a_meaning_is_told(select: str, exclude: str, message: str) -> None:
    with pytest.raises(UsageError) as told:
        chosen(GRAPH, [select], [exclude] if exclude else ())
    assert message in str(told.value)


NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project that was built once."""
    row = f"order_id,event_time,order_total\nA1,{NOW:%Y-%m-%dT%H:%M:%S}Z,9.5\n"
    table = Table(name="sales.rows", files={"one": row})
    project = make_project(
        tmp_path_factory.mktemp("selection") / "shop", [table], edge_url="http://127.0.0.1:9"
    )
    assert tillpost(project, "build").returncode == 0
    return project


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "shop", symlinks=True)


def test_compile_prints_what_is_selected(project: Path) -> None:
    one = tillpost(project, "compile", "--select", "int_places")
    assert one.stdout.startswith("-- One row per kept line of a basket with several")
    several = tillpost(project, "compile", "-s", "1+int_places", "--exclude", "int_places")
    assert [line for line in several.stdout.splitlines() if line.startswith("-- models/")] == [
        "-- models/intermediate/int_scoped_lines.sql",
        "-- models/intermediate/int_repeated_lines.sql",
    ]


def test_compile_prints_a_test_and_nothing_without_sql(project: Path) -> None:
    one = tillpost(project, "compile", "--select", "funnel_balances")
    assert "audit_funnel" in one.stdout
    seed = tillpost(project, "compile", "--select", "months")
    assert (seed.returncode, seed.stdout) == (2, "")
    assert seed.stderr.startswith("error: nothing that is selected has SQL")


def test_tags_of_folders_files_seeds_sources_and_tests_add_up(project: Path) -> None:
    settings = project / "dbt_project.yml"
    tags = "  tillpost:\n    +tags: all\n    final: {tags: [last]}"
    settings.write_text(settings.read_text().replace("  tillpost:\n", f"{tags}\n", 1))
    (project / "models/final/mine.sql").write_text("{{ config(tags='own') }} select 1 as a")
    (project / "seeds/mine.csv").write_text("a\n1\n")
    (project / "models/mine.yml").write_text(
        "seeds: [{name: mine_too, config: {tags: own}, columns:"
        " [{name: a, tags: own, data_tests: [unique, {not_null: {tags: [second]}}]}]}]"
    )
    (project / "seeds/mine.csv").rename(project / "seeds/mine_too.csv")
    said = tillpost(project, "compile", "-s", "tag:all,tag:last,tag:own")
    assert said.stdout == " select 1 as a\n", said.stderr
    assert "one of" not in tillpost(project, "build", "-s", "tag:own").stdout
    kept = tillpost(project, "test", "--data", "-s", "tag:second,tag:own")
    assert (kept.returncode, kept.stdout) == (0, "1 of 1 tests passed\n")


def test_a_part_is_built_and_never_sent(project: Path) -> None:
    said = tillpost(project, "build", "--select", "int_verdicts+", "--exclude", "final")
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[2:4] == ["int_verdicts  1 rows", "audit_funnel  1 rows"]
    assert "a part is never sent" in said.stdout
    sent = tillpost(project, "send")
    assert (sent.returncode, "no build that may be sent" in sent.stderr) == (2, True)


def test_what_is_modified_is_built_with_what_reads_it(project: Path) -> None:
    nothing = tillpost(project, "build", "--select", "state:modified+")
    assert (nothing.returncode, nothing.stdout.splitlines()[0]) == (0, "nothing is selected")
    assert query(project, "select count(*) from build_stamp") == [(1,)]
    with (project / "models/intermediate/int_verdicts.sql").open("a") as file:
        file.write("where true\n")
    modified = tillpost(project, "compile", "--select", "state:modified+")
    names = [line for line in modified.stdout.splitlines() if line.startswith("-- models/")]
    assert names[0] == "-- models/intermediate/int_verdicts.sql"
    assert "-- models/audit/audit_funnel.sql" in names
    macro = project / "macros/resend_window.sql"
    macro.write_text(macro.read_text() + "\n")
    reached = tillpost(project, "compile", "--select", "state:modified").stdout
    assert "-- models/intermediate/int_basket_verdicts.sql" in reached


def test_seeds_sources_variables_and_tests_are_modified_too(project: Path) -> None:
    def modified(term: str = "state:modified") -> str:
        return tillpost(project, "compile", "-s", term).stdout

    assert modified() == "\n"
    seed = project / "seeds/reasons.csv"
    seed.write_text(seed.read_text() + "mine,sale,of my own\n")
    assert modified("state:modified+").startswith("-- One row per source and reason")
    assert tillpost(project, "build", "-s", "state:modified").returncode == 0
    assert query(project, "select count(*) from reasons where reason = 'mine'") == [(1,)]
    settings = project / "dbt_project.yml"
    settings.write_text(settings.read_text().replace("order_span: 48", "order_span: 47"))
    assert "-- models/intermediate/int_repeated_lines.sql" in modified()
    (project / "tests/sql/mine.sql").write_text("select 1 as bad where false")
    said = tillpost(project, "test", "--data", "-s", "state:new")
    assert (said.returncode, said.stdout) == (0, "1 of 1 tests passed\n")


def test_a_state_can_be_kept_elsewhere(project: Path, tmp_path: Path) -> None:
    (newest,) = (project / ".tillpost/runs").glob("*/manifest.json")
    kept = json.loads(newest.read_text())
    kept["models"] = [each for each in kept["models"] if each["name"] != "events"]
    (tmp_path / "manifest.json").write_text(json.dumps(kept))
    said = tillpost(project, "compile", "-s", "state:new", "--state", str(tmp_path))
    assert (said.returncode, said.stdout) == (
        0,
        tillpost(project, "compile", "-s", "events").stdout,
    )
    (tmp_path / "manifest.json").write_text("[]")
    said = tillpost(project, "compile", "-s", "state:new", "--state", str(tmp_path))
    assert (said.returncode, "this is no manifest of a run" in said.stderr) == (2, True)


def test_what_a_part_reads_must_stand(project: Path) -> None:
    shutil.rmtree(project / ".tillpost")
    for file in project.glob("*.duckdb"):
        file.unlink()
    said = tillpost(project, "build", "--select", "int_places")
    assert said.returncode == 2
    assert "missing: int_repeated_lines, int_scoped_lines" in said.stderr
    assert "try: tillpost build --select +int_places" in said.stderr
    assert tillpost(project, "build", "--select", "+int_places").returncode == 0
    assert query(project, "select count(*) from int_places") == [(0,)]
    told = tillpost(project, "compile", "--select", "state:modified")
    assert "there is no build to compare with" in told.stderr

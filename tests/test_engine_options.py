"""How much of the machine a command takes: the command line over the profile over the container."""

import os
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from bad_input_project import TILLPOST
from canary_project import new_shop
from tillpost.engines import open_engine
from tillpost.engines.duckdb_errors import explain
from tillpost.errors import UsageError
from tillpost.machine import machine
from tillpost.project.engine_options import EngineOptions

OURS = f"tillpost-{os.getuid()}"
BUILD = {"type": "duckdb", "path": "build.duckdb"}
LARGE = """
create temp table large as
select md5(cast(i as varchar)) || md5(cast(-i as varchar)) as words from range(2000000) as t (i)
"""


def _opened(folder: Path, options: EngineOptions, **output: object) -> dict[str, str]:
    """What DuckDB says of itself."""
    settings = options.over({**BUILD, **output})
    names = ("threads", "memory_limit", "temp_directory", "temp_file_encryption")
    asked = ", ".join(f"current_setting('{name}')" for name in names)
    with open_engine(settings, root=folder, where="the profile") as engine:
        _, rows = engine.query(f"select {asked}", where="a test")
    return dict(zip(names, map(str, rows[0]), strict=True))


@pytest.mark.parametrize(
    ("output", "options", "said"),
    [
        ({"threads": 3}, {}, {"threads": "3"}),
        ({"settings": {"threads": 3}, "threads": 4}, {}, {"threads": "3"}),
        ({"settings": {"worker_threads": 3}, "threads": 4}, {"threads": 5}, {"threads": "5"}),
        ({"settings": {"memory_limit": "64MiB"}}, {}, {"memory_limit": "64.0 MiB"}),
        ({"settings": {"Max_Memory": "64MiB"}}, {}, {"memory_limit": "64.0 MiB"}),
        (
            {"settings": {"max_memory": "64MiB"}},
            {"memory_limit": "1.5 gib"},
            {"memory_limit": "1.5 GiB"},
        ),
    ],
)
def test_the_command_line_wins(
    tmp_path: Path, output: dict[str, object], options: dict[str, object], said: dict[str, str]
) -> None:
    found = _opened(tmp_path, EngineOptions(**options), **output)  # type: ignore[arg-type]
    assert found | said == found


def test_without_a_word_it_is_what_the_container_grants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": f"{600 << 20}\n"}
    files["sys/fs/cgroup/cpu.max"] = "50000 100000\n"
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr("tillpost.engines.duckdb_start.machine", lambda: machine(tmp_path))
    found = _opened(tmp_path, EngineOptions())
    assert (found["threads"], found["memory_limit"]) == ("1", "300.0 MiB")


def test_other_engines_take_threads_only() -> None:
    assert EngineOptions(threads=3).over({"type": "spark"}) == {"type": "spark", "threads": 3}


@pytest.mark.parametrize("is_in_profile", [True, False])
def test_a_folder_to_spill_to_is_made_private(tmp_path: Path, *, is_in_profile: bool) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir(mode=0o777)
    (tmp_path / "shop").mkdir()
    options = EngineOptions(temp_dir=None if is_in_profile else scratch)
    told = {"settings": {"temp_directory": "../scratch"}} if is_in_profile else {}
    found = _opened(tmp_path / "shop", options, **told)
    assert Path(found["temp_directory"]).resolve() == scratch / OURS
    assert found["temp_file_encryption"] == "True"
    assert (scratch / OURS).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["a link", "open to others", "a file"])
def test_a_folder_that_is_not_ours_alone_is_refused(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / OURS
    match kind:
        case "a link":
            (tmp_path / "elsewhere").mkdir(mode=0o700)
            folder.symlink_to(tmp_path / "elsewhere")
        case "a file":
            folder.touch()
        case _:
            folder.mkdir()
            folder.chmod(0o750)
    with pytest.raises(UsageError) as refused:
        _opened(tmp_path, EngineOptions(temp_dir=tmp_path))
    assert refused.value.where == str(folder)


def test_what_does_not_fit_goes_there(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    settings = EngineOptions(threads=1, memory_limit="60MB", temp_dir=scratch).over(BUILD)
    with open_engine(settings, root=tmp_path, where="the profile") as engine:
        engine.execute(LARGE, where="a test")
        spilled = list((scratch / OURS).glob("*.tmp"))
        assert sum(path.stat().st_size for path in spilled) > 10_000_000
    assert not list((tmp_path / ".tillpost" / "spill").iterdir())
    assert not list((scratch / OURS).iterdir())


@pytest.mark.parametrize(
    ("sql", "output", "words"),
    [
        ("select list(cast(i as varchar)) from range(9000000) as t (i)", {}, "limit, 57.2 MiB"),
        (LARGE, {"path": ":memory:"}, "limit, 57.2 MiB, and may not use the disk"),
    ],
)
def test_what_cannot_fit_says_the_limit(
    tmp_path: Path, sql: str, output: dict[str, object], words: str
) -> None:
    settings = EngineOptions(threads=1, memory_limit="60MB").over({**BUILD, **output})
    with (
        open_engine(settings, root=tmp_path, where="the profile") as engine,
        pytest.raises(UsageError, match=words) as refused,
    ):
        engine.query(sql, where="a test")
    assert "--memory-limit" in refused.value.fix


def test_a_limit_of_the_disk_is_told_apart(tmp_path: Path) -> None:
    limits = {"memory_limit": "60MB", "threads": 1, "temp_directory": str(tmp_path / "spill")}
    with duckdb.connect(tmp_path / "build.duckdb", config=limits) as connection:
        connection.execute("set max_temp_directory_size = '1MB'")
        with pytest.raises(duckdb.OutOfMemoryException) as failed:
            connection.execute(LARGE)
    said = explain(failed.value, where="a test")
    assert "exceeds its limit on disk, 976.5 KiB" in said.what
    assert "--temp-dir" in said.fix


@pytest.mark.parametrize("kind", [duckdb.IOException, duckdb.FatalException])
def test_a_disk_that_is_full_is_told(kind: type[duckdb.Error]) -> None:
    error = kind('Could not write file "/a/block.duckdb": No space left on device')
    assert str(explain(error, where="a test")).startswith("a test  the disk is full\n")


@pytest.mark.slow
@pytest.mark.alone
def test_a_build_in_little_memory_spills(tmp_path: Path) -> None:
    shop = new_shop(tmp_path, count=20_000)
    shop.set_output(settings={}, threads=8)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    options = ("--threads", "1", "--memory-limit", "400MB", "--temp-dir", str(scratch))
    spilled, modes = 0, set[int]()
    with shop.start([str(TILLPOST), "build", *options]) as process:
        while process.poll() is None:
            for path in (scratch / OURS).glob("*.tmp"):
                with suppress(FileNotFoundError):
                    spilled = max(spilled, path.stat().st_size)
                    modes.add(path.stat().st_mode & 0o777)
        _, err = process.communicate()
    assert process.returncode == 0, err
    assert spilled > 1_000_000
    assert modes == {0o600}
    assert not shop.spill()

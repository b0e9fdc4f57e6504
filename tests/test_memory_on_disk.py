"""A database's file holds what was stored in it, and nothing of what memory held beside it.

DuckDB up to 2.0.0 wrote blocks without clearing what no text fills: raw values among the hashes.
"""

from pathlib import Path

import pytest

from tillpost.engines.duckdb import DuckDB

HEADERS = 3 * 4096  # an id of the file, at random
METHODS = ("auto", "uncompressed", "dictionary", "fsst", "dict_fsst", "zstd")
ROWS = 6_000
HASHES = """
select
    row_number() over () as n,
    sha256(name) as fn,
    left(sha256(name), n % 60) as piece,
    [name[:0], md5(name)] as parts,
    case when n % 9 > 0 then md5(name) end as id,
    repeat(md5(name), n % 40) as payload,
from read_csv('names.csv')
order by fn
"""


@pytest.mark.parametrize("method", METHODS)
def test_a_file_holds_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = (f"{n},Anneliese{n * 7919 % ROWS} of somewhere" for n in range(ROWS))
    Path("names.csv").write_text("n,name\n" + "\n".join(lines) + "\n")
    first, second = (_stored(Path(each), method) for each in ("first", "second"))
    assert len(first) > 20 * HEADERS
    assert b"Anneliese" not in first + second
    assert _differing(first, second) == []


def _stored(root: Path, method: str) -> bytes:
    """The file of a table whose hashes were made of raw values at hand."""
    settings = {"force_compression": method, "memory_limit": "90MB"}
    root.mkdir()
    output = {"path": "build.duckdb", "threads": 1, "settings": settings}
    with DuckDB.open(output, root=root, where="here", reads=[("here", "names.csv")]) as engine:
        engine.create("main.hashes", HASHES, materialized="table", where="here")
        engine.create("main.again", HASHES, materialized="table", where="here")
        engine.execute("drop table main.hashes", where="here")
        engine.create("main.last", "select * from main.again", materialized="table", where="here")
    return (root / "build.duckdb").read_bytes()


def _differing(first: bytes, second: bytes) -> list[int]:
    """Where two files differ, beyond their headers."""
    assert len(first) == len(second)
    return [at for at in range(HEADERS, len(first)) if first[at] != second[at]][:10]

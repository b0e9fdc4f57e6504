"""Events out of DuckDB: whole whatever chunk they are in, and errors that explain themselves."""

from pathlib import Path

import pytest

from tillpost.engines.duckdb import DuckDB
from tillpost.errors import UsageError
from tillpost.events import groups

ROWS = 300_000
SELECT = """
select
    md5('event' || n)::uuid as event_key, md5('sale' || n)::uuid as sale_key,
    md5('payload' || n)::uuid as payload_digest, n as event_time, n + 1 as sendable_until,
    {payload} as payload
from range(300_000) as numbers (n)
"""


@pytest.fixture
def engine(tmp_path: Path) -> DuckDB:
    settings = {"path": "build.duckdb", "threads": 2}
    return DuckDB.open(settings, root=tmp_path, where="profile")


def test_events_keep_their_order_and_their_bytes(engine: DuckDB) -> None:
    payload = "'{\"käse\":' || n || '}'"
    number = 0
    with engine:
        for group in groups(engine.stream(SELECT.format(payload=payload)), 1000):
            assert len(group) == 1000
            assert list(group.event_times) == list(range(number, number + 1000))
            texts = [f'{{"käse":{each}}}' for each in group.event_times]
            assert bytes(group.text).decode() == ",".join(texts)
            number += 1000
    assert number == ROWS


def test_what_fails_behind_the_first_chunk_is_explained_as_well(engine: DuckDB) -> None:
    bad = "case when n = 290_000 then cast('ada' || n as integer)::varchar else 'x' end"
    with engine, pytest.raises(UsageError) as caught:
        for _ in engine.stream(SELECT.format(payload=bad)):
            pass
    assert "a value does not have the type that it is cast to" in str(caught.value)
    assert "ada" not in str(caught.value)

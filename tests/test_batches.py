"""Batches: nothing is lost, nothing is too large, and a body is what the payloads said."""

import json
from collections.abc import Iterable, Iterator
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillpost.batches import Row, batches, body
from tillpost.records import Batch, EdgeSettings

NOW = 1_795_000_000
SETTINGS = EdgeSettings(
    graph_url="http://127.0.0.1:1", version="v26.0", access_token="the-token", app_secret="shh"
)


def row(number: int, *, until: int = NOW + 1, payload: str = "{}", dataset: str = "1") -> Row:
    keys = (str(UUID(int=number + offset)) for offset in (0, 10**9, 2 * 10**9))
    return (*keys, dataset, NOW - 60, until, payload)


def cut(chunks: Iterable[list[Row]], **settings: int) -> tuple[list[Batch], list[str]]:
    expired: list[str] = []
    made = list(batches(chunks, arrives_by=lambda: NOW, on_expired=expired.extend, **settings))
    return made, expired


@given(
    chunks=st.lists(
        st.lists(
            st.tuples(st.integers(NOW - 2, NOW + 2), st.text("aé€😀", max_size=30)), max_size=12
        ),
        max_size=8,
    ),
    batch_size=st.integers(1, 10),
    max_bytes=st.integers(1, 200),
)
def test_every_row_is_in_one_batch_or_expired(
    chunks: list[list[tuple[int, str]]], batch_size: int, max_bytes: int
) -> None:
    numbers = iter(range(1, 1000))
    rows = [[row(next(numbers), until=until, payload=text) for until, text in it] for it in chunks]
    flat = [each for chunk in rows for each in chunk]

    made, expired = cut(rows, batch_size=batch_size, max_bytes=max_bytes)

    assert [key for batch in made for key in batch.event_keys] == [
        each[0] for each in flat if each[5] >= NOW
    ]
    assert expired == [each[0] for each in flat if each[5] < NOW]
    assert [batch.number for batch in made] == list(range(1, len(made) + 1))
    by_key = {each[0]: each for each in flat}
    for batch in made:
        assert 1 <= len(batch.event_keys) <= batch_size
        size = len(",".join(batch.payloads).encode())
        assert size <= max_bytes or len(batch.payloads) == 1
        mine = [by_key[key] for key in batch.event_keys]
        assert batch.sale_keys == tuple(each[1] for each in mine)
        assert batch.payload_digests == tuple(each[2] for each in mine)
        assert batch.payloads == tuple(each[6] for each in mine)
        assert batch.sendable_until == min(each[5] for each in mine)


def test_chunks_of_any_size_make_full_batches() -> None:
    made, _ = cut([[row(1)], [], [row(2), row(3), row(4), row(5)]], batch_size=2, first=7)
    assert [(batch.number, len(batch.event_keys)) for batch in made] == [(7, 2), (8, 2), (9, 1)]


def test_rows_are_read_only_as_batches_are_asked_for() -> None:
    read: list[int] = []

    def chunks() -> Iterator[list[Row]]:
        for number in range(1, 100):
            read.append(number)
            yield [row(number)]

    stream = batches(chunks(), arrives_by=lambda: NOW, on_expired=lambda _: None, batch_size=3)
    next(stream)
    assert read == [1, 2, 3]


def test_datasets_never_share_a_batch() -> None:
    with pytest.raises(ValueError, match="more than one dataset"):
        cut([[row(1, dataset="1"), row(2, dataset="2")]])


@pytest.mark.parametrize(
    ("settings", "envelope"),
    [
        ({}, {"upload_tag": "run-1"}),
        ({"partner_agent": "tillpost"}, {"upload_tag": "run-1", "partner_agent": "tillpost"}),
        ({"test_event_code": 'T"1'}, {"upload_tag": "run-1", "test_event_code": 'T"1'}),
    ],
)
def test_a_body_is_payloads_and_the_fields_that_are_set(
    settings: dict[str, str], envelope: dict[str, str]
) -> None:
    payloads = ['{"event_name":"Purchase","value":1.10}', '{"fn":"정"}']
    made, _ = cut([[row(number, payload=text) for number, text in enumerate(payloads)]])
    edge = EdgeSettings(graph_url="", version="", access_token="the-token", **settings)  # type: ignore[arg-type]  # texts only

    content = body(made[0], settings=edge, upload_tag="run-1")

    assert json.loads(content) == {"data": [json.loads(text) for text in payloads], **envelope}
    assert content.startswith(b'{"data":[{"event_name":"Purchase","value":1.10},{"fn":"\xec')


def test_a_body_holds_no_secret() -> None:
    made, _ = cut([[row(1)]])
    content = body(made[0], settings=SETTINGS, upload_tag="run-1")
    assert b"the-token" not in content
    assert b"shh" not in content

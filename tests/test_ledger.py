"""The ledger, on real files: what stands of a key, what a crash leaves, what others may do."""

import os
import stat
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from ledger_batches import batch_of, sale_keys
from ledger_layouts import duckdb_layout
from tillpost.errors import Locked, TryLater, UsageError
from tillpost.ledger import Ledger, Sale, Tally
from tillpost.ledger.transfer import export_entries, import_entries
from tillpost.records import Answer, Batch, Fault, Outcome

DAY = 86_400
START = 20_000 * DAY


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tillpost_ledger.duckdb"


@pytest.fixture
def ledger(path: Path, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(path, clock=clock) as opened:
        yield opened


def batch(*events: int, number: int = 1, digest: int = 1) -> Batch:
    return batch_of(
        [str(UUID(int=event)) for event in events],
        [str(UUID(int=event + 10**6)) for event in events],
        [str(UUID(int=event + digest * 10**9)) for event in events],
        number=number,
        dataset_id="123",
    )


def standing(ledger: Ledger, folder: Path, *, since_day: int = 0) -> dict[int, tuple[object, ...]]:
    """State, first_left_at, last_at and rules of each event, from a snapshot."""
    count = ledger.snapshot(folder / "snapshot.parquet", since_day=since_day)
    rows = duckdb.execute(
        "select event_key, state, first_left_at, last_at, rules_version from read_parquet(?)",
        [str(folder / "snapshot.parquet")],
    ).fetchall()
    assert count == len(rows) == len({row[0] for row in rows})
    return {key.int: tuple(rest) for key, *rest in rows}


def take(ledger: Ledger, step: str, one: Batch, *, now: float) -> None:
    """One step of an event's history."""
    chosen = {"sale_keys": sale_keys(one.events), "event_keys": [], "run_id": "by hand"}
    match step:
        case "leaving":
            ledger.leaving([one], run_id="run", rules_version="v1")
        case "expired":
            ledger.expire(one, run_id="run", rules_version="v1")
        case "held":
            assert ledger.hold(before=now, run_id="run") == 1
        case "lost":
            assert ledger.resolve("lost", **chosen) == 1
        case "said accepted":
            assert ledger.resolve("accepted", **chosen) == 1
        case "forgotten":
            assert ledger.forget([Sale(sale_key=sale_keys(one.events)[0], dataset_id="123")]) == 1
        case _:
            answer = Answer(outcome=Outcome(step))
            ledger.settle([(one, answer)], run_id="run")


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([(0, "leaving", 1)], ("leaving", 0, 0), id="left"),
        pytest.param(
            [(0, "leaving", 1), (5, "accepted", 1)], ("accepted", 0, 5), id="left, accepted"
        ),
        pytest.param([(0, "leaving", 1), (5, "refused", 1)], ("refused", 0, 5), id="left, refused"),
        pytest.param(
            [(0, "leaving", 1), (5, "uncertain", 1)], ("leaving", 0, 0), id="left, no answer"
        ),
        pytest.param([(0, "leaving", 1), (5, "returned", 1)], None, id="left, returned"),
        pytest.param(
            [(0, "leaving", 1), (5, "returned", 1), (7, "leaving", 2)],
            ("leaving", 7, 7),
            id="returned, left again",
        ),
        pytest.param(
            [(0, "leaving", 1), (5, "returned", 1), (7, "leaving", 1), (9, "accepted", 1)],
            ("accepted", 7, 9),
            id="returned, left again under the same number",
        ),
        pytest.param(
            [(0, "leaving", 1), (5, "uncertain", 1), (7, "leaving", 2), (9, "returned", 2)],
            ("leaving", 0, 0),
            id="a returned one does not undo one without an answer",
        ),
        pytest.param(
            [(0, "leaving", 1), (5, "uncertain", 1), (7, "leaving", 1), (9, "returned", 1)],
            ("leaving", 0, 0),
            id="nor under the same number",
        ),
        pytest.param(
            [(0, "leaving", 1), (5, "uncertain", 1), (7, "leaving", 2), (9, "accepted", 2)],
            ("accepted", 0, 9),
            id="went again, accepted",
        ),
        pytest.param(
            [(0, "leaving", 1), (5, "refused", 1), (7, "leaving", 2), (9, "returned", 2)],
            ("refused", 0, 5),
            id="refused stays when a later one came back",
        ),
        pytest.param(
            [(0, "leaving", 1), (5, "refused", 1), (7, "leaving", 2), (8, "uncertain", 2)],
            ("leaving", 7, 7),
            id="what was refused was not stored: the next attempt is the first",
        ),
        pytest.param(
            [(0, "leaving", 1), (3, "leaving", 2), (5, "refused", 2), (7, "leaving", 3)],
            ("leaving", 0, 7),
            id="refused, but not the one without an answer before",
        ),
        pytest.param([(5, "expired", 1)], ("expired", 5, 5), id="expired"),
        pytest.param(
            [(0, "leaving", 1), (5, "uncertain", 1), (7, "held", 0)],
            ("held", 0, 7),
            id="no answer, held",
        ),
        pytest.param(
            [(0, "leaving", 1), (7, "held", 0), (9, "lost", 0)], None, id="held, said to be lost"
        ),
        pytest.param(
            [(0, "leaving", 1), (7, "held", 0), (9, "lost", 0), (11, "leaving", 2)],
            ("leaving", 11, 11),
            id="lost, left again",
        ),
        pytest.param(
            [(0, "leaving", 1), (3, "lost", 0), (5, "leaving", 2), (7, "returned", 2)],
            None,
            id="lost, left again, returned",
        ),
        pytest.param(
            [(0, "leaving", 1), (7, "said accepted", 0)],
            ("accepted", 0, 7),
            id="no answer, said to be accepted",
        ),
        pytest.param(
            [(0, "leaving", 1), (5, "accepted", 1), (7, "forgotten", 0), (9, "leaving", 2)],
            ("forgotten", 9, 7),
            id="forgotten for ever",
        ),
        pytest.param(
            [(0, "leaving", 1), (0, "accepted", 1)], ("accepted", 0, 0), id="a clock that stands"
        ),
        pytest.param(
            [(9, "leaving", 1), (3, "accepted", 1)], ("accepted", 9, 3), id="a clock set back"
        ),
    ],
)
def test_what_stands_of_a_key(
    ledger: Ledger,
    clock: Clock,
    tmp_path: Path,
    history: list[tuple[int, str, int]],
    expected: tuple[str, int, int] | None,
) -> None:
    for at, step, number in history:
        clock.now = START + at + 0.7
        take(ledger, step, batch(1, number=number), now=clock.now)
    found = {
        event: (state, int(str(left)) - START, int(str(last)) - START)
        for event, (state, left, last, _) in standing(ledger, tmp_path).items()
    }
    assert found == ({1: expected} if expected else {})
    assert ledger.counts() == ({expected[0]: 1} if expected else {})
    assert ledger.uncertain() == (expected is not None and expected[0] == "leaving")


def test_batches_of_one_group_keep_their_own_answers(ledger: Ledger, tmp_path: Path) -> None:
    first, second, third = batch(1, 2, number=1), batch(3, number=2), batch(4, 5, number=3)
    ledger.leaving([first, second, third], run_id="run", rules_version="v1")
    refused = Answer(outcome=Outcome.refused, fault=Fault.event, code=100, subcode=2804019)
    ledger.settle(
        [
            (first, Answer(outcome=Outcome.accepted, fbtrace_id="T1", http_status=200)),
            (second, refused),
            (third, Answer(outcome=Outcome.uncertain, fault=Fault.temporary, warnings=("a", "b"))),
        ],
        run_id="run",
    )
    assert {event: row[0] for event, row in standing(ledger, tmp_path).items()} == {
        1: "accepted",
        2: "accepted",
        3: "refused",
        4: "leaving",
        5: "leaving",
    }
    assert ledger.counts() == {"accepted": 2, "leaving": 2, "refused": 1}


def test_a_snapshot_carries_keys_of_the_newest_entry(ledger: Ledger, tmp_path: Path) -> None:
    ledger.leaving([batch(1, digest=1)], run_id="a", rules_version="v1")
    ledger.settle([(batch(1, digest=1), Answer(outcome=Outcome.refused))], run_id="a")
    ledger.leaving([batch(1, digest=2)], run_id="b", rules_version="v2")
    ledger.snapshot(tmp_path / "snapshot.parquet", since_day=0)
    with duckdb.connect() as reader:
        rows = reader.execute("from read_parquet(?)", [str(tmp_path / "snapshot.parquet")])
        assert [column[0] for column in rows.description or []] == [
            "event_key",
            "sale_key",
            "payload_digest",
            "rules_version",
            "state",
            "first_left_at",
            "last_at",
        ]
        assert rows.fetchall() == [
            (
                UUID(int=1),
                UUID(int=10**6 + 1),
                UUID(int=2 * 10**9 + 1),
                "v2",
                "leaving",
                START,
                START,
            )
        ]


def test_a_snapshot_reads_from_its_day_on(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    ledger.leaving([batch(1)], run_id="run", rules_version="v1")
    clock.now += DAY
    ledger.settle([(batch(1), Answer(outcome=Outcome.accepted))], run_id="run")
    ledger.leaving([batch(2, number=2)], run_id="run", rules_version="v1")
    assert set(standing(ledger, tmp_path, since_day=20_000)) == {1, 2}
    # A batch that has its answer is read as a whole.
    assert standing(ledger, tmp_path, since_day=20_001)[1][:2] == ("accepted", START)
    assert standing(ledger, tmp_path, since_day=20_002) == {}


@pytest.mark.parametrize("key", [1, 10**6 + 1], ids=["an event's key", "its sale's"])
def test_a_snapshot_can_be_of_a_few_keys(ledger: Ledger, tmp_path: Path, key: int) -> None:
    ledger.leaving([batch(1, 2)], run_id="run", rules_version="v1")
    ledger.settle([(batch(1, 2), Answer(outcome=Outcome.refused))], run_id="run")
    ledger.leaving([batch(1, 3, number=2)], run_id="run", rules_version="v1")
    whole = standing(ledger, tmp_path)
    keys, path = tmp_path / "it's keys.parquet", tmp_path / "few.parquet"
    asked = f"select '{UUID(int=key)}'::uuid as ledger_key from range(2)"
    with duckdb.connect() as other:
        other.sql(asked).write_parquet(str(keys))
        assert ledger.snapshot_of(keys, path, since_day=0, threads=2) == 1
        found = other.sql(f"select event_key, state, first_left_at from '{path}'").fetchall()
    assert found == [(UUID(int=1), "leaving", whole[1][1])]


def test_what_was_forgotten_stands_however_old_it_is(
    ledger: Ledger, clock: Clock, tmp_path: Path
) -> None:
    ledger.leaving([batch(1, 2)], run_id="run", rules_version="v1")
    ledger.forget([Sale(sale_key=sale_keys(batch(1).events)[0], dataset_id="123")])
    clock.now += 400 * DAY
    assert set(standing(ledger, tmp_path, since_day=20_300)) == {1}


def test_only_the_run_that_began_last_lets_events_leave(ledger: Ledger, path: Path) -> None:
    ledger.start_run("a", command="send")
    ledger.leaving([batch(1)], run_id="a", rules_version="v1")
    ledger.start_run("b", command="send")
    with pytest.raises(TryLater) as caught:
        ledger.leaving([batch(2)], run_id="a", rules_version="v1")
    assert str(caught.value) == (
        f"{path}  another run took the ledger over\n  run b has begun since run a did\n"
        "  try: run the same command again: what was written down before stays"
    )
    ledger.settle([(batch(1), Answer(outcome=Outcome.accepted))], run_id="a")
    assert ledger.counts() == {"accepted": 1}


def test_the_newest_moment_is_known_even_after_a_clock_was_set_back(
    ledger: Ledger, clock: Clock
) -> None:
    assert ledger.newest() is None
    ledger.start_run("a", command="send")
    clock.now += 3 * DAY
    ledger.leaving([batch(1)], run_id="a", rules_version="v1")
    clock.now -= 2 * DAY
    ledger.start_run("b", command="send")
    assert ledger.newest() == START + 3 * DAY


@pytest.mark.parametrize("layout", [1, 2, 3])
def test_older_layouts_are_brought_up_to_date(path: Path, clock: Clock, layout: int) -> None:
    with duckdb.connect(path) as file:
        file.execute(duckdb_layout(layout))
    for run in ("a", "b"):
        with Ledger.open(path, clock=clock) as ledger:
            answer = Answer(outcome=Outcome.refused, message="words")
            ledger.leaving([batch(1)], run_id=run, rules_version="v1")
            ledger.settle([(batch(1), answer)], run_id=run)
            assert ledger.counts() == {"refused": 1}
            ledger.scrub()
            assert ledger.counts() == {"refused": 1}
    with duckdb.connect(path) as file:
        rows = file.execute("select run_id, message from entries order by entry").fetchall()
    assert rows == [("old", None), ("a", None), ("a", "words"), ("b", None), ("b", "words")]


@pytest.mark.parametrize("name", ["main.duckdb", 'it\'s "a" {ledger}.duckdb'])
def test_what_was_forgotten_is_not_in_the_file_any_more(
    tmp_path: Path, clock: Clock, name: str
) -> None:
    path = tmp_path / name
    with Ledger.open(path, clock=clock) as ledger:
        for event, words in ((1, "words of one"), (2, "other words")):
            answer = Answer(outcome=Outcome.refused, message=words, fbtrace_id=f"trace {event}")
            left = batch(event, number=event)
            ledger.leaving([left], run_id="a", rules_version="v1")
            ledger.settle([(left, answer)], run_id="a")
    with Ledger.open(path, clock=clock) as ledger:
        ledger.forget([Sale(sale_key=sale_keys(batch(1).events)[0], dataset_id="123")])
        ledger.scrub()
        ledger.leaving([batch(3)], run_id="a", rules_version="v1")
        assert ledger.counts() == {"forgotten": 1, "leaving": 1, "refused": 1}
    content = path.read_bytes()
    assert [text in content for text in (b"of one", b"trace 1", b"trace 2")] == [False, False, True]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_nothing_to_write_is_nothing(ledger: Ledger, tmp_path: Path) -> None:
    ledger.leaving([], run_id="run", rules_version="v1")
    ledger.settle([], run_id="run")
    assert standing(ledger, tmp_path) == {}
    assert ledger.counts() == {}


def test_a_batch_that_does_not_fit_leaves_nothing_behind(ledger: Ledger) -> None:
    bad = replace(batch(2), events=replace(batch(2).events, sale_keys=memoryview(b"short")))
    with pytest.raises(RuntimeError, match="size"):
        ledger.leaving([batch(1), bad], run_id="run", rules_version="v1")
    assert ledger.counts() == {}
    ledger.leaving([batch(1)], run_id="run", rules_version="v1")
    assert ledger.counts() == {"leaving": 1}


def test_runs_are_listed_newest_first(ledger: Ledger, clock: Clock) -> None:
    ledger.start_run("a", command="send")
    clock.now += 5.5
    ledger.end_run("a", exit_code=3, tally=Tally(sent=9, accepted=6, refused=2, uncertain=1))
    ledger.start_run("b", command="run")
    cut_short, ended = ledger.runs(10)
    assert (cut_short.run_id, cut_short.ended_at, cut_short.exit_code) == ("b", None, None)
    assert (ended.run_id, ended.command, ended.exit_code) == ("a", "send", 3)
    assert (ended.started_at, ended.ended_at) == (START, START + 5.5)
    assert ended.tally == Tally(sent=9, accepted=6, refused=2, uncertain=1)
    assert ledger.runs(1) == (cut_short,)


def test_what_was_written_is_there_after_closing(path: Path, clock: Clock) -> None:
    for event in (1, 2):
        with Ledger.open(path, clock=clock) as ledger:
            ledger.leaving([batch(event)], run_id="run", rules_version="v1")
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.uncertain() == 2


def test_no_other_user_may_read_it(ledger: Ledger, tmp_path: Path) -> None:
    many = batch(*range(5000))
    before = os.umask(0o022)
    try:
        for _ in range(40):
            ledger.leaving([many], run_id="run", rules_version="v1")
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
            assert set(modes.values()) == {0o600}, modes
        ledger.snapshot(tmp_path / "snapshot.parquet", since_day=0)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "snapshot.parquet").stat().st_mode) == 0o600
    assert sorted(each.suffix for each in tmp_path.iterdir()) == [".duckdb", ".parquet", ".wal"]


WRITER = (
    f"import sys; sys.path.append({str(Path(__file__).parent)!r})"
    """
import time
from pathlib import Path
from uuid import UUID
from tillpost.ledger import Ledger
from tillpost.records import Answer, Outcome
from ledger_batches import batch_of

def batch(number):
    keys = [str(UUID(int=number * 1000 + event)) for event in range(500)]
    return batch_of(keys, number=number)

with Ledger.open(Path(sys.argv[1]), clock=time.time) as ledger:
    first = 1 + max((ledger.counts().get("accepted", 0) + ledger.uncertain()) // 500, 0)
    for number in range(first, 10**6, 4):
        group = [batch(each) for each in range(number, number + 4)]
        ledger.leaving(group, run_id="run", rules_version="v1")
        print("leaving", number, flush=True)
        pairs = [(each, Answer(outcome=Outcome.accepted)) for each in group]
        ledger.settle(pairs, run_id="run")
        print("accepted", number, flush=True)
"""
)


def test_a_kill_at_any_moment_tears_nothing_and_loses_nothing(path: Path, clock: Clock) -> None:
    told: set[tuple[str, int]] = set()
    for pause in (0.0, 0.007, 0.029):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout
            lines = [writer.stdout.readline() for _ in range(15)]
            time.sleep(pause)
            writer.kill()
            lines += writer.stdout.readlines()
        for line in lines:
            state, number = line.split()
            told.update((state, int(number) + offset) for offset in range(4))
    with Ledger.open(path, clock=clock) as ledger:
        counts = ledger.counts()
    with duckdb.connect(path) as reader:
        rows = reader.execute("select state, batch from entries").fetchall()
    sizes = Counter(rows)
    assert set(sizes.values()) == {500}
    assert told <= set(sizes)
    groups = Counter((state, (number - 1) // 4) for state, number in sizes)
    assert set(groups.values()) == {4}
    assert counts.get("leaving", 0) <= 4 * 2000


def test_another_process_that_holds_the_file_is_named(path: Path, clock: Clock) -> None:
    with (
        Ledger.open(path, clock=clock),
        pytest.raises(subprocess.CalledProcessError) as caught,
    ):
        subprocess.run(
            [sys.executable, "-c", WRITER, str(path)], check=True, capture_output=True, text=True
        )
    assert f"Locked: {path}  process {os.getpid()} holds the ledger" in caught.value.stderr
    assert Locked.exit_code == 4


def newer(path: Path) -> None:
    """A file of a DuckDB to come: a higher version number in a header whose checksum is right."""
    with duckdb.connect(path) as file:
        file.execute("create table t (i integer)")
    content = bytearray(path.read_bytes())
    content[12:20] = struct.pack("<Q", struct.unpack("<Q", content[12:20])[0] + 100)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:4096]):
        checksum ^= word * 0xBF58476D1CE4E5B9 % 2**64
    content[:8] = struct.pack("<Q", checksum)
    path.write_bytes(content)


def foreign(path: Path) -> None:
    with duckdb.connect(path) as file:
        file.execute("create table t (i integer)")


def text(path: Path) -> None:
    path.write_text("no database " * 1000)


def empty(path: Path) -> None:
    path.touch()


def later_layout(path: Path) -> None:
    Ledger.open(path, clock=Clock()).__exit__()
    with duckdb.connect(path) as file:
        file.execute("update ledger_schema set version = 99")


def damaged(path: Path) -> None:
    foreign(path)
    content = bytearray(path.read_bytes())
    content[100] ^= 255
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (text, "this file is no ledger"),
        (empty, "this file is no ledger"),
        (foreign, "this DuckDB file is no ledger"),
        (later_layout, "upgrade tillpost"),
        (newer, "a newer DuckDB wrote this ledger"),
        (damaged, "the ledger is damaged"),
        (Path.mkdir, "cannot be read or written"),
    ],
)
def test_a_file_that_is_no_ledger_of_ours_is_left_alone(
    path: Path, clock: Clock, made: object, words: str
) -> None:
    assert callable(made)
    made(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(UsageError) as caught:
        Ledger.open(path, clock=clock)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_folder_that_is_missing_is_named(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(UsageError, match="missing"):
        Ledger.open(tmp_path / "missing" / "ledger.duckdb", clock=clock)


def test_a_full_disk_is_said_and_what_was_there_stays(path: Path, clock: Clock) -> None:
    with Ledger.open(path, clock=clock) as ledger:
        ledger.leaving([batch(1)], run_id="run", rules_version="v1")
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))\n"
    done = subprocess.run(
        [sys.executable, "-c", limited + WRITER, str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "UsageError" in done.stderr
    assert "the disk has room" in done.stderr
    told = {int(line.split()[1]) for line in done.stdout.splitlines()}
    with Ledger.open(path, clock=clock) as ledger:
        assert sum(ledger.counts().values()) >= 1 + 2000 * len(told)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param("held", {}, id="held here: it is free"),
        pytest.param("accepted", {1: "accepted"}, id="accepted here: it stays"),
    ],
)
def test_a_persons_lost_travels(
    ledger: Ledger, clock: Clock, tmp_path: Path, known: str, expected: dict[int, str]
) -> None:
    with Ledger.open(tmp_path / "other.duckdb", clock=clock) as other:
        for book in (ledger, other):
            book.start_run("run", command="send")
            book.leaving([batch(1)], run_id="run", rules_version="v1")
        clock.now += 7 * DAY
        for book in (ledger, other):
            book.hold(before=clock.now - DAY, run_id="run")
        if known == "accepted":
            ledger.resolve("accepted", sale_keys=[], event_keys=[], run_id="run")
        clock.now += 60
        other.resolve("lost", sale_keys=[], event_keys=[], run_id="run")
        export_entries(other, tmp_path / "other.parquet")
    clock.now += 60
    import_entries(ledger, tmp_path / "other.parquet")
    states = {event: state for event, (state, *_) in standing(ledger, tmp_path).items()}
    assert states == expected


def test_what_is_imported_is_news_of_its_day(ledger: Ledger, clock: Clock, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "other.duckdb", clock=clock) as other:
        other.start_run("run", command="send")
        other.leaving([batch(1)], run_id="run", rules_version="v1")
        accepted = Answer(outcome=Outcome.accepted)
        other.settle([(batch(1), accepted)], run_id="run")
        export_entries(other, tmp_path / "other.parquet")
    clock.now += 9 * DAY
    import_entries(ledger, tmp_path / "other.parquet")
    # A send asks what was written since the build: this must be seen, or the event goes again.
    found = standing(ledger, tmp_path, since_day=int(clock.now // DAY))
    assert found == {1: ("accepted", START, START, "v1")}

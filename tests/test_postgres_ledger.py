"""The ledger in PostgreSQL, on a real server: the file's behaviour, and what a server adds."""

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import duckdb
import psycopg
import pytest
from psycopg import sql

from engine_probes import postgres_server
from ledger_batches import batch_of, event_keys
from ledger_layouts import postgres_layout
from tillpost.errors import Locked, TillpostError, TryLater, UsageError
from tillpost.ledger import Book, Ledger, Tally
from tillpost.ledger.postgres import PostgresLedger
from tillpost.postgres_errors import words
from tillpost.postgres_lock import postgres_lock
from tillpost.records import Answer, Batch, Fault, Outcome, Owner

pytestmark = pytest.mark.slow

DAY = 86_400
START = 20_000 * DAY
PASSWORD = "geheim'@ %/\\"
OWNER = Owner(
    pid=os.getpid(), host="here", run_id="run-2", command="run", started_at="2026-11-23T10:00:00Z"
)
NUMBERS = count()
SNAPSHOT = tuple[UUID, UUID, UUID, str, str, int, int]


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that asks every user but its own for a password."""
    with postgres_server() as address:
        rules = "local all postgres trust\nlocal all closed reject\nlocal all all scram-sha-256\n"
        Path(folder_of(address), "data", "pg_hba.conf").write_text(rules)
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute("select pg_reload_conf()")
            admin.execute("create database shut")
            admin.execute("revoke connect on database shut from public")
        yield address


@pytest.fixture
def admin(server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server, autocommit=True) as connection:
        yield connection


@pytest.fixture
def schema() -> str:
    """A name that has to be quoted, and that no other test has."""
    return f'Tills "{next(NUMBERS)}" {{%s}} 100%'


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(server: str, schema: str, clock: Clock) -> Iterator[PostgresLedger]:
    with PostgresLedger.open(server, schema=schema, clock=clock) as opened:
        yield opened


@pytest.fixture
def role(admin: psycopg.Connection) -> str:
    """A user with the password that no message may show."""
    name = f"till_{next(NUMBERS)}"
    admin.execute(
        sql.SQL("create role {} login password {}").format(sql.Identifier(name), PASSWORD)
    )
    return name


@pytest.fixture
def address(server: str, role: str) -> str:
    return as_role(server, role)


def folder_of(address: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(address)["host"])


def as_role(server: str, role: str) -> str:
    return psycopg.conninfo.make_conninfo(server, user=role, password=PASSWORD)


def quoted(name: str) -> str:
    return sql.Identifier(name).as_string()


def batch(*events: int, number: int = 1, digest: int = 1) -> Batch:
    return batch_of(
        [str(UUID(int=event)) for event in events],
        [str(UUID(int=event + 10**6)) for event in events],
        [str(UUID(int=event + digest * 10**9)) for event in events],
        number=number,
        dataset_id="123",
    )


def standing(
    admin: psycopg.Connection, ledger: PostgresLedger, *, since_day: int = 0
) -> list[SNAPSHOT]:
    query = ledger.snapshot_query(since_day=since_day).encode()
    admin.execute(b"drop table if exists pg_temp.snapshot")
    admin.execute(b"create temporary table snapshot as " + query)
    types = admin.execute(
        "select attname, atttypid::regtype::text from pg_attribute"
        " where attrelid = 'pg_temp.snapshot'::regclass and attnum > 0 order by attnum"
    )
    assert types.fetchall() == [
        *((name, "uuid") for name in ("event_key", "sale_key", "payload_digest")),
        *((name, "text") for name in ("rules_version", "state")),
        *((name, "bigint") for name in ("first_left_at", "last_at")),
    ]
    return admin.execute("select * from pg_temp.snapshot order by event_key").fetchall()


def standing_in_file(ledger: Ledger, folder: Path, *, since_day: int) -> list[SNAPSHOT]:
    ledger.snapshot(folder / "snapshot.parquet", since_day=since_day)
    return duckdb.execute(
        "select * from read_parquet(?) order by event_key", [str(folder / "snapshot.parquet")]
    ).fetchall()


def said(error: BaseException) -> str:
    """All that a person may come to see of an error, once it is sure that no secret is in it."""
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    for part in (PASSWORD, "geheim", "wrong-one"):
        assert part not in shown
    return str(error)


@pytest.mark.parametrize("seed", range(12))
def test_both_ledgers_say_the_same_of_any_history(
    server: str, schema: str, admin: psycopg.Connection, tmp_path: Path, seed: int
) -> None:
    chance, clock, numbers = random.Random(seed), Clock(), count(1)  # noqa: S311  it must repeat
    with (
        Ledger.open(tmp_path / "ledger.duckdb", clock=clock) as file,
        PostgresLedger.open(server, schema=schema, clock=clock) as ledger,
    ):
        for _ in range(30):
            clock.now += chance.choice((0, 0.25, 0.7, 3, -5, DAY))
            run_id, rules = chance.choice("ab"), chance.choice(("v1", "v2"))
            group = [
                batch(
                    *chance.sample(range(12), chance.randint(1, 5)),
                    number=next(numbers),
                    digest=chance.randint(1, 2),
                )
                for _ in range(chance.randint(0, 3))
            ]
            pairs = [(each, any_answer(chance)) for each in group]
            answered = pairs[: chance.randint(0, 3)]
            for book in (file, ledger):
                book.leaving(group, run_id=run_id, rules_version=rules)
                book.settle(answered, run_id=run_id)
            assert ledger.counts() == file.counts()
            assert ledger.uncertain() == file.uncertain()
        for since_day in range(20_000 - 1, int(clock.now) // DAY + 2):
            found = standing(admin, ledger, since_day=since_day)
            assert found == standing_in_file(file, tmp_path, since_day=since_day)
    for table in ("entries", "answers"):
        with duckdb.connect(tmp_path / "ledger.duckdb") as reader:
            rows = reader.execute(f"select * from {table}").fetchall()
        copied = admin.execute(f"select * from {quoted(schema)}.{table}".encode()).fetchall()
        assert Counter(copied) == Counter(rows)


def any_answer(chance: random.Random) -> Answer:
    outcome = chance.choice(list(Outcome))
    if outcome is Outcome.accepted:
        return Answer(outcome=outcome, http_status=200, warnings=("a", "b"), fbtrace_id="T\t\\N")
    return Answer(
        outcome=outcome, fault=Fault.event, code=100, subcode=2**31 - 1, message="it's\n€ 🙂"
    )


def test_runs_are_listed_newest_first(ledger: PostgresLedger, clock: Clock) -> None:
    ledger.start_run("a", command="send")
    clock.now += 5.5
    ledger.end_run("a", exit_code=3, tally=Tally(sent=9, accepted=6, refused=2, uncertain=1))
    ledger.start_run("b", command="run")
    ledger.start_run("c", command="run")
    cut_short, _, ended = ledger.runs(10)
    assert (cut_short.run_id, cut_short.ended_at, cut_short.exit_code) == ("c", None, None)
    assert (ended.run_id, ended.command, ended.exit_code) == ("a", "send", 3)
    assert (ended.started_at, ended.ended_at) == (START, START + 5.5)
    assert ended.tally == Tally(sent=9, accepted=6, refused=2, uncertain=1)
    assert ledger.runs(1) == (cut_short,)


def test_nothing_to_write_is_nothing(ledger: PostgresLedger) -> None:
    ledger.leaving([], run_id="run", rules_version="v1")
    ledger.settle([], run_id="run")
    assert ledger.counts() == {}


def test_a_batch_that_does_not_fit_leaves_nothing_behind(ledger: PostgresLedger) -> None:
    events = batch(2).events
    bad = replace(batch(2), events=replace(events, event_keys=memoryview(b"anna")))
    short = replace(batch(2), events=replace(events, sale_keys=memoryview(b"")))
    for each in (bad, short):
        with pytest.raises(TillpostError) as caught:
            ledger.leaving([batch(1), each], run_id="run", rules_version="v1")
        assert "anna" not in said(caught.value)
        assert ledger.counts() == {}
    ledger.leaving([batch(1)], run_id="run", rules_version="v1")
    assert ledger.counts() == {"leaving": 1}


def test_an_answer_that_does_not_fit_settles_nothing(ledger: PostgresLedger) -> None:
    ledger.leaving([batch(1)], run_id="run", rules_version="v1")
    answer = Answer(outcome=Outcome.accepted, http_status=2**40)
    with pytest.raises(UsageError):
        ledger.settle([(batch(1), answer)], run_id="run")
    assert ledger.counts() == {"leaving": 1}


def test_texts_that_postgres_cannot_hold_do_not_stop_it(
    ledger: PostgresLedger, admin: psycopg.Connection, schema: str
) -> None:
    answer = Answer(outcome=Outcome.refused, message="a\0b\ud800", fbtrace_id="\0")
    ledger.leaving([batch(1)], run_id="run", rules_version="v1")
    ledger.settle([(batch(1), answer)], run_id="run")
    rows = admin.execute(f"select message, fbtrace_id from {quoted(schema)}.answers".encode())
    assert rows.fetchall() == [("a\\x00b\\ud800", "\\x00")]


def test_a_database_of_an_old_encoding_will_do(
    server: str, admin: psycopg.Connection, clock: Clock
) -> None:
    admin.execute("create database old encoding 'LATIN1' locale 'C' template template0")
    address = psycopg.conninfo.make_conninfo(server, dbname="old")
    with PostgresLedger.open(address, schema="till", clock=clock) as ledger:
        answer = Answer(outcome=Outcome.refused, message="10 €")
        ledger.leaving([batch(1)], run_id="run", rules_version="v1")
        ledger.settle([(batch(1), answer)], run_id="run")
        assert ledger.counts() == {"refused": 1}


@pytest.mark.parametrize("day", [-1, 2**31, "0; drop", "1", 1.5, None])
def test_a_day_is_a_number(ledger: PostgresLedger, day: object) -> None:
    with pytest.raises(ValueError, match=str(day).replace("-", "")[:1]):
        ledger.snapshot_query(since_day=day)  # type: ignore[arg-type]


def test_what_was_written_is_there_after_closing(server: str, schema: str, clock: Clock) -> None:
    for event in (1, 2):
        with PostgresLedger.open(server, schema=schema, clock=clock) as ledger:
            ledger.leaving([batch(event)], run_id="run", rules_version="v1")
    with PostgresLedger.open(server, schema=schema, clock=clock) as ledger:
        assert ledger.uncertain() == 2


def test_a_later_layout_is_left_alone(
    server: str, ledger: PostgresLedger, admin: psycopg.Connection, schema: str, clock: Clock
) -> None:
    assert ledger.counts() == {}
    admin.execute(f"update {quoted(schema)}.ledger_schema set version = 99".encode())
    with pytest.raises(UsageError) as caught:
        PostgresLedger.open(server, schema=schema, clock=clock)
    assert said(caught.value) == (
        f"ledger, schema {schema}  the ledger has layout 99, this tillpost knows layout 4"
        "\n  try: upgrade tillpost"
    )


def test_a_schema_with_tables_of_others_is_left_alone(
    server: str, admin: psycopg.Connection, schema: str, clock: Clock
) -> None:
    admin.execute(f"create schema {quoted(schema)}".encode())
    admin.execute(f"create table {quoted(schema)}.answers (i int)".encode())
    with pytest.raises(UsageError, match='relation "answers" already exists'):
        PostgresLedger.open(server, schema=schema, clock=clock)
    names = admin.execute("select tablename from pg_tables where schemaname = %s", [schema])
    assert names.fetchall() == [("answers",)]


WRITER = (
    f"import sys; sys.path.append({str(Path(__file__).parent)!r})"
    """
import time
from uuid import UUID
from tillpost.ledger.postgres import PostgresLedger
from tillpost.records import Answer, Outcome
from ledger_batches import batch_of, event_keys

def batch(number):
    keys = [str(UUID(int=number * 1000 + event)) for event in range(500)]
    return batch_of(keys, number=number)

with PostgresLedger.open(sys.argv[1], schema=sys.argv[2], clock=time.time) as ledger:
    for number in range(int(sys.argv[3]), 10**6, 4):
        group = [batch(each) for each in range(number, number + 4)]
        ledger.leaving(group, run_id="run", rules_version="v1")
        print("leaving", number, flush=True)
        pairs = [(each, Answer(outcome=Outcome.accepted)) for each in group]
        ledger.settle(pairs, run_id="run")
        print("accepted", number, flush=True)
"""
)


def test_a_kill_at_any_moment_tears_nothing_and_loses_nothing(
    server: str, schema: str, admin: psycopg.Connection
) -> None:
    told: set[tuple[str, int]] = set()
    chance = random.Random(1)  # noqa: S311  it must repeat
    for kill in range(20):
        words = [sys.executable, "-c", WRITER, server, schema, str(1 + kill * 10_000)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            lines = [writer.stdout.readline() for _ in range(chance.randint(0, 4))]
            time.sleep(chance.random() * 0.05)
            writer.kill()
            lines += writer.stdout.readlines()
        for line in lines:
            state, number = line.split()
            told.update((state, int(number) + offset) for offset in range(4))
    rows = admin.execute(f"select state, batch from {quoted(schema)}.entries".encode()).fetchall()
    sizes = Counter(rows)
    assert len(told) > 50
    assert set(sizes.values()) == {500}
    assert told <= set(sizes)
    groups = Counter((state, (number - 1) // 4) for state, number in sizes)
    assert set(groups.values()) == {4}


def test_many_may_open_a_new_ledger_at_once(
    server: str, schema: str, admin: psycopg.Connection
) -> None:
    program = (
        "import sys; from tillpost.ledger.postgres import PostgresLedger\n"
        "PostgresLedger.open(sys.argv[1], schema=sys.argv[2], clock=lambda: 0).__exit__()"
    )
    with admin.transaction():
        admin.execute(
            "select pg_advisory_xact_lock(hashtextextended('tillpost ledger ' || %s, 0))", [schema]
        )
        openers = [
            subprocess.Popen([sys.executable, "-W", "error", "-c", program, server, schema])
            for _ in range(4)
        ]
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        deadline = time.monotonic() + 60
        while admin.execute(waiting).fetchone() != (4,):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert [opener.wait() for opener in openers] == [0] * 4


HOLD = """
import os, sys
from tillpost.records import Owner
from tillpost.postgres_lock import postgres_lock
owner = Owner(
    pid=os.getpid(), host="there", run_id="run-1", command="send", started_at="2026-11-23T09:00:00Z"
)
with postgres_lock(sys.argv[1], schema=sys.argv[2], owner=owner, wait=0):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(address: str, schema: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, address, schema],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_second_run_is_told_who_holds_it(server: str, schema: str, role: str) -> None:
    with another_process(server, schema) as holder:
        with (
            pytest.raises(Locked) as caught,
            postgres_lock(server, schema=schema, owner=OWNER, wait=0),
        ):
            pass
        shown = said(caught.value)
        assert f"  run run-1 (send, process {holder.pid} on there, since 20" in shown
        assert shown.endswith(
            "Z) holds the ledger\n  try: wait until it has ended, then run the same command again"
        )
        # Another user's session tells its name only; another schema's ledger is another lock.
        with (
            pytest.raises(Locked) as caught,
            postgres_lock(as_role(server, role), schema=schema, owner=OWNER, wait=0),
        ):
            pass
        assert f"run run-1 (send, process {holder.pid} on there) holds" in said(caught.value)
        with postgres_lock(server, schema=schema + "!", owner=OWNER, wait=0):
            pass
    assert caught.value.exit_code == 4


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[psycopg.Connection]:
    """The connections that locks open."""
    from tillpost import postgres_lock as module  # noqa: PLC0415

    opened: list[psycopg.Connection] = []
    direct = module.connect

    def remembered(*given: str, **more: str) -> psycopg.Connection:
        opened.append(direct(*given, **more))
        return opened[-1]

    monkeypatch.setattr(module, "connect", remembered)
    return opened


def test_a_long_name_is_cut_and_a_strange_one_is_another_run(
    server: str, schema: str, sessions: list[psycopg.Connection]
) -> None:
    for host, expected in (("h" * 90, "hh…, since"), ("kässe-1", "on k?sse-1, since")):
        owner = replace(OWNER, host=host)
        with (
            postgres_lock(server, schema=schema, owner=owner, wait=0),
            pytest.raises(Locked, match=expected.replace("?", r"\?")),
            postgres_lock(server, schema=schema, owner=OWNER, wait=0),
        ):
            pass
    sessions.clear()
    with postgres_lock(server, schema=schema, owner=OWNER, wait=0):
        sessions[0].execute("set application_name = 'x'")
        with (
            pytest.raises(Locked, match="another run holds"),
            postgres_lock(server, schema=schema, owner=OWNER, wait=0),
        ):
            pass


def test_a_session_never_takes_the_lock_twice(
    server: str, schema: str, sessions: list[psycopg.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a pooler two runs may get the same session."""
    from tillpost import postgres_lock as module  # noqa: PLC0415

    with postgres_lock(server, schema=schema, owner=OWNER, wait=0):
        held = sessions[0]
        monkeypatch.setattr(module, "connect", lambda *_, **__: held)
        with pytest.raises(Locked):
            postgres_lock(server, schema=schema, owner=OWNER, wait=0).__enter__()


def test_a_pooler_that_shares_sessions_is_refused(
    server: str, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pgbouncer in its transaction mode: one session for all, under a number of its own."""
    from tillpost import postgres_lock as module  # noqa: PLC0415

    with psycopg.connect(server, autocommit=True, cursor_factory=psycopg.RawCursor) as session:

        class Pooled:
            info = SimpleNamespace(backend_pid=-1)
            execute = session.execute
            transaction = session.transaction

            def close(self) -> None:
                pass

        monkeypatch.setattr(module, "connect", lambda *_, **__: Pooled())
        with pytest.raises(UsageError) as caught:
            postgres_lock(server, schema=schema, owner=OWNER, wait=0).__enter__()
    assert said(caught.value) == (
        f"ledger, schema {schema}  a pooler that shares sessions stands before this PostgreSQL\n"
        "  the lock on the ledger would outlive a run that dies\n"
        "  try: give the address of the server itself, or of a pooler in session mode"
    )


def test_a_proxy_that_shares_none_will_do(
    server: str, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tillpost import postgres_lock as module  # noqa: PLC0415

    def proxied(*given: str, **more: str) -> psycopg.Connection:
        connection = direct(*given, **more)
        monkeypatch.setattr(type(connection.info), "backend_pid", -1)
        return connection

    direct = module.connect
    monkeypatch.setattr(module, "connect", proxied)
    with postgres_lock(server, schema=schema, owner=OWNER, wait=0):
        pass


def test_death_releases_at_once(server: str, schema: str) -> None:
    for _ in range(5):
        with another_process(server, schema) as holder:
            holder.kill()
            holder.wait()
            began = time.monotonic()
            with postgres_lock(server, schema=schema, owner=OWNER, wait=5):
                pass
            assert time.monotonic() - began < 1


def test_a_stopped_process_keeps_it_however_long(server: str, schema: str) -> None:
    with another_process(server, schema) as holder:
        holder.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        with (
            pytest.raises(Locked, match="run-1"),
            postgres_lock(server, schema=schema, owner=OWNER, wait=2),
        ):
            pass
        assert 2 <= time.monotonic() - began < 5
        holder.send_signal(signal.SIGCONT)
        assert holder.stdin
        holder.stdin.close()
        assert holder.wait() == 0
        with postgres_lock(server, schema=schema, owner=OWNER, wait=0):
            pass


def test_it_is_free_at_once_after_an_end_or_an_error(server: str, schema: str) -> None:
    for _ in range(20):
        with pytest.raises(KeyError), postgres_lock(server, schema=schema, owner=OWNER, wait=0):
            raise KeyError


def test_a_run_whose_lock_was_lost_sends_nothing_more(
    server: str, schema: str, admin: psycopg.Connection, clock: Clock
) -> None:
    with (
        PostgresLedger.open(server, schema=schema, clock=clock) as first,
        PostgresLedger.open(server, schema=schema, clock=clock) as second,
    ):
        with postgres_lock(server, schema=schema, owner=OWNER, wait=0):
            first.start_run("run-2", command="run")
            first.leaving([batch(1)], run_id="run-2", rules_version="1")
            end_sessions(admin, "tillpost run-2%")
            second.start_run("run-3", command="run")
            with pytest.raises(TryLater) as caught:
                first.leaving([batch(2)], run_id="run-2", rules_version="1")
        answer = Answer(outcome=Outcome.accepted)
        first.settle([(batch(1), answer)], run_id="run-2")
        assert second.counts() == {"accepted": 1}
    assert said(caught.value) == (
        f"ledger, schema {schema}  another run took the ledger over\n"
        "  run run-3 has begun since run run-2 did\n"
        "  try: run the same command again: what was written down before stays"
    )


def test_a_run_that_begins_waits_for_one_that_writes(
    server: str, schema: str, admin: psycopg.Connection, clock: Clock
) -> None:
    name = quoted(schema)
    with PostgresLedger.open(server, schema=schema, clock=clock) as ledger, admin.transaction():
        admin.execute(f"select holder from {name}.ledger_schema for share".encode())
        with psycopg.connect(server, autocommit=True) as other:
            other.execute("select set_config('lock_timeout', '200', false)")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(f"update {name}.ledger_schema set holder = 'b'".encode())
        assert ledger.counts() == {}


@pytest.mark.parametrize("layout", [1, 2, 3])
def test_older_layouts_are_brought_up_to_date(
    server: str, schema: str, admin: psycopg.Connection, clock: Clock, layout: int
) -> None:
    name = quoted(schema)
    admin.execute(f"create schema if not exists {name}".encode())
    admin.execute(postgres_layout(layout, schema=name).encode())
    for run in ("a", "b"):
        with PostgresLedger.open(server, schema=schema, clock=clock) as ledger:
            ledger.start_run(run, command="send")
            answer = Answer(outcome=Outcome.refused, message="words")
            ledger.leaving([batch(1)], run_id=run, rules_version="1")
            ledger.settle([(batch(1), answer)], run_id=run)
            assert ledger.counts() == {"refused": 1}
            ledger.scrub()
    rows = admin.execute(f"select run_id, message from {name}.entries order by entry".encode())
    assert rows.fetchall() == [
        *(("old", None), ("a", None), ("a", "words"), ("b", None), ("b", "words")),
    ]


def end_sessions(admin: psycopg.Connection, name: str) -> None:
    ended = admin.execute(
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
        " where application_name like %s",
        [name],
    )
    assert ended.fetchone() == (1,)


def test_a_lost_connection_loses_nothing(
    server: str, schema: str, admin: psycopg.Connection, clock: Clock
) -> None:
    with PostgresLedger.open(server, schema=schema, clock=clock) as ledger:
        ledger.leaving([batch(1)], run_id="run", rules_version="v1")
        end_sessions(admin, "tillpost ledger")
        for _ in range(2):
            with pytest.raises(TryLater) as caught:
                ledger.leaving([batch(2)], run_id="run", rules_version="v1")
            first, *_, last = said(caught.value).splitlines()
            assert first == f"ledger, schema {schema}  the connection to PostgreSQL was lost"
            assert last == (
                "  try: run the same command again: what was written down before stays, and "
                "nothing is lost"
            )
    with PostgresLedger.open(server, schema=schema, clock=clock) as ledger:
        assert ledger.counts() == {"leaving": 1}


WRITES_ON = (
    f"import sys; sys.path.append({str(Path(__file__).parent)!r})"
    """
from uuid import UUID
from tillpost.errors import TryLater
from tillpost.ledger.postgres import PostgresLedger
from ledger_batches import batch_of, event_keys

keys = [str(UUID(int=event)) for event in range(1000)]
many = [batch_of(keys, number=number) for number in range(200)]
with PostgresLedger.open(sys.argv[1], schema=sys.argv[2], clock=lambda: 0) as ledger:
    print("writes", flush=True)
    try:
        for _ in range(100):
            ledger.leaving(many, run_id="run", rules_version="v1")
    except TryLater as error:
        print(error)
"""
)


def test_a_connection_lost_in_the_middle_is_told_once(
    server: str, schema: str, admin: psycopg.Connection
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITES_ON, server, schema],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "writes\n"
        time.sleep(0.2)
        end_sessions(admin, "tillpost ledger")
        first, *rest = writer.stdout.read().splitlines()
    assert first == f"ledger, schema {schema}  the connection to PostgreSQL was lost"
    assert rest[-1].endswith("nothing is lost")
    assert len(rest) <= 2
    assert writer.returncode == 0


def test_owning_one_schema_is_enough(
    address: str, schema: str, admin: psycopg.Connection, role: str, clock: Clock
) -> None:
    admin.execute(f"create schema {quoted(schema)} authorization {role}".encode())
    for events in (1, 2):
        with (
            postgres_lock(address, schema=schema, owner=OWNER, wait=0),
            PostgresLedger.open(address, schema=schema, clock=clock) as ledger,
        ):
            run_id = f"run {events}"
            ledger.start_run(run_id, command="send")
            ledger.leaving([batch(events)], run_id=run_id, rules_version="v1")
            ledger.settle(
                [(batch(events), Answer(outcome=Outcome.accepted))],
                run_id=run_id,
            )
            ledger.end_run(f"run {events}", exit_code=0, tally=Tally(sent=1, accepted=1))
            assert ledger.counts() == {"accepted": events}
            ledger.scrub()
            for each in (repr(ledger), str(vars(ledger))):
                assert "geheim" not in each


def test_usage_and_create_are_enough_and_named_where_missing(
    address: str, schema: str, admin: psycopg.Connection, role: str, clock: Clock
) -> None:
    name = quoted(schema)

    def complaint() -> str:
        with pytest.raises(UsageError) as caught:
            PostgresLedger.open(address, schema=schema, clock=clock)
        return said(caught.value)

    where = f"ledger, schema {schema}"
    assert complaint() == (
        f"{where}  permission denied for database postgres\n"
        f'  try: as an administrator: create schema {name} authorization "{role}", '
        f'or grant create on database … to "{role}"'
    )
    admin.execute(f"create schema {name}".encode())
    denied = (
        f"{where}  permission denied for schema {schema}\n"
        f'  try: as its owner: grant usage, create on schema {name} to "{role}"'
    )
    assert complaint() == denied
    admin.execute(f"grant usage on schema {name} to {role}".encode())
    assert complaint() == denied
    admin.execute(f"grant create on schema {name} to {role}".encode())
    with PostgresLedger.open(address, schema=schema, clock=clock) as ledger:
        ledger.leaving([batch(1)], run_id="run", rules_version="v1")
    admin.execute(f"alter table {name}.ledger_schema owner to postgres".encode())
    assert complaint() == (
        f"{where}  permission denied for table ledger_schema\n"
        "  try: as their owner: grant select, insert, update, delete on all tables in schema"
        f' {name} to "{role}"'
    )


def test_a_read_only_server_is_read_and_said(
    address: str, schema: str, admin: psycopg.Connection, role: str, clock: Clock
) -> None:
    admin.execute(f"create schema {quoted(schema)} authorization {role}".encode())
    admin.execute(f"alter role {role} set default_transaction_read_only = on".encode())
    expected = (
        f"ledger, schema {schema}  this PostgreSQL is read-only: a standby, or one with "
        "default_transaction_read_only\n"
        "  ReadOnlySqlTransaction, SQLSTATE 25006\n"
        "  try: give the address of the primary server, or let this user write"
    )
    with pytest.raises(UsageError) as caught:
        PostgresLedger.open(address, schema=schema, clock=clock)
    assert said(caught.value) == expected
    writable = psycopg.conninfo.make_conninfo(
        address, options="-c default_transaction_read_only=off"
    )
    with PostgresLedger.open(writable, schema=schema, clock=clock) as ledger:
        ledger.leaving([batch(1)], run_id="run", rules_version="v1")
    with PostgresLedger.open(address, schema=schema, clock=clock) as ledger:
        assert ledger.counts() == {"leaving": 1}
        with pytest.raises(UsageError) as caught:
            ledger.leaving([batch(2)], run_id="run", rules_version="v1")
    assert said(caught.value) == expected


MEND_USER = "mend user and password, or have the server's pg_hba.conf let this user in from here"
SEE = "see that it runs and that host and port are right, then run the same command again"


@pytest.mark.parametrize(
    ("change", "kind", "expected"),
    [
        (
            {"password": "wrong-one"},
            UsageError,
            (
                "PostgreSQL does not accept this user and password\n"
                f'  password authentication failed for user "{{role}}"\n  try: {MEND_USER}'
            ),
        ),
        (
            {"user": "nobody"},
            UsageError,
            (
                "PostgreSQL does not accept this user and password\n"
                f'  password authentication failed for user "nobody"\n  try: {MEND_USER}'
            ),
        ),
        (
            {"user": "closed"},
            UsageError,
            (
                "PostgreSQL does not let this user in\n"
                '  pg_hba.conf rejects connection for host "[local]", user "closed", database '
                f'"postgres", no encryption\n  try: {MEND_USER}'
            ),
        ),
        (
            {"password": ""},
            UsageError,
            "PostgreSQL asks for a password\n  try: give the password",
        ),
        (
            {"dbname": "nowhere"},
            UsageError,
            (
                'there is no such database\n  database "nowhere" does not exist\n'
                "  try: mend dbname, or create the database"
            ),
        ),
        (
            {"dbname": "shut"},
            UsageError,
            (
                "this user may not connect to the database\n"
                '  permission denied for database "shut"\n'
                "  try: as its owner: grant connect on database … to …"
            ),
        ),
        (
            {"host": "127.0.0.1", "port": "1"},
            TryLater,
            f"PostgreSQL at 127.0.0.1, port 1 does not answer\n  Connection refused\n  try: {SEE}",
        ),
        (
            {"host": "db.invalid"},
            TryLater,
            f"PostgreSQL at db.invalid does not answer\n  Name or service not known\n  try: {SEE}",
        ),
        (
            {"host": "/nowhere"},
            TryLater,
            (
                "PostgreSQL at /nowhere/.s.PGSQL.5432 does not answer\n"
                "  No such file or directory\n"
                f"  try: {SEE}"
            ),
        ),
    ],
)
def test_who_cannot_connect_is_told_why(
    address: str, clock: Clock, change: dict[str, str], kind: type[TillpostError], expected: str
) -> None:
    role = psycopg.conninfo.conninfo_to_dict(address)["user"]
    changed = psycopg.conninfo.make_conninfo(address, **change)
    for attempt in openings(changed, clock):
        with pytest.raises(kind) as caught:
            attempt()
        assert said(caught.value) == "ledger, schema till  " + expected.format(role=role)
        assert type(caught.value) is kind


def openings(address: str, clock: Clock) -> Iterator[Callable[[], object]]:
    yield lambda: PostgresLedger.open(address, schema="till", clock=clock)
    yield lambda: postgres_lock(address, schema="till", owner=OWNER, wait=0).__enter__()


@pytest.mark.parametrize(
    "address",
    [
        "host=h password=not geheim",
        "host=h pasword=geheim",
        "postgresql://u:100%geheim@127.0.0.1/db",
        "postgresql://u:p@geheim@127.0.0.1/db",
        "postgresql://u:p/geheim@127.0.0.1/db",
        "postgresql://u:1/geheim@127.0.0.1/db",
        "postgresql://u:geheim/p@127.0.0.1/db",
        "host=127.0.0.1 sslmode=geheim",
        "host=127.0.0.1 port=geheim",
    ],
)
def test_an_address_that_was_not_written_well_is_not_repeated(address: str, clock: Clock) -> None:
    for attempt in openings(address, clock):
        with pytest.raises(UsageError) as caught:
            attempt()
        assert said(caught.value).startswith(
            "ledger, schema till  the address of PostgreSQL cannot be used\n  try: write it as host"
        )


@pytest.mark.parametrize(
    ("state", "kind", "what"),
    [
        ("53100", UsageError, "the disk of PostgreSQL is full"),
        ("53300", TryLater, "PostgreSQL has no connection left"),
        ("57P01", TryLater, "the connection to PostgreSQL was lost"),
        ("08006", TryLater, "the connection to PostgreSQL was lost"),
        ("57014", UsageError, "PostgreSQL stopped a statement"),
        ("40P01", TryLater, "another session was in the way"),
        ("22P02", UsageError, "a value does not have the type or range that it is read as"),
        ("23502", UsageError, "a row breaks a constraint"),
        ("XX001", UsageError, "PostgreSQL fails here"),
    ],
)
def test_other_states_have_words_too(state: str, kind: type[TillpostError], what: str) -> None:
    error = psycopg.errors.lookup(state)("anna@example.com")
    found = words(error, where="models/a.sql")
    assert type(found) is kind
    assert str(found).startswith(f"models/a.sql  {what}")
    assert state in found.why
    assert "anna" not in said(found)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select uid from pg_roles", 'column "uid" does not exist'),
        ("selec", 'syntax error at or near "selec"'),
        ("select 'anna'::int", "a value does not have the type or range"),
        ("select 1 / (length(user) - length(user))", "a division by zero"),
        ("do $$ begin raise exception 'anna'; end $$", "PostgreSQL fails here"),
        ("do $$ begin raise 'anna' using errcode = '22000'; end $$", "a value does not have"),
    ],
)
def test_words_for_statements_of_the_models(
    admin: psycopg.Connection, statement: str, expected: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        admin.execute(statement.encode())
    found = words(caught.value, where="models/a.sql")
    assert str(found).startswith(f"models/a.sql  {expected}")
    assert "anna" not in str(found)


def test_uploads_are_counted_by_what_became_of_them(ledger: PostgresLedger, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.duckdb", clock=Clock()) as file:
        counted = [_uploads_of(book) for book in (ledger, file)]
    assert counted[0] == counted[1]
    assert [each[2:] for each in counted[0]] == [(1, 2, 3, 2, 1, 1), (2, 0, 0, 0, 0, 1)]


def _uploads_of(book: Book) -> list[tuple[Any, ...]]:
    """Two runs: of the first one event got no answer and was accepted by the second."""
    keys = [str(UUID(int=number)) for number in range(1, 10)]
    sizes = {Outcome.accepted: 1, Outcome.refused: 2, Outcome.returned: 3, Outcome.uncertain: 3}
    book.start_run("R1", command="run")
    for number, (outcome, size) in enumerate(sizes.items(), 1):
        batch = batch_of([keys.pop() for _ in range(size)], number=number)
        book.leaving([batch], run_id="R1", rules_version="1")
        book.settle([(batch, Answer(outcome=outcome))], run_id="R1")
    book.start_run("R2", command="run")
    again = batch_of([*event_keys(batch.events)[:1], str(UUID(int=99))], number=1)
    book.leaving([again], run_id="R2", rules_version="1")
    book.settle([(again, Answer(outcome=Outcome.accepted))], run_id="R2")
    return sorted((*astuple(e)[:2], *astuple(e)[4:]) for e in book.uploads(since=0.0))

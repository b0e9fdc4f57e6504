import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

import command_server
from project_harness import PARTS, ROOT
from tillpost.errors import UsageError
from tillpost.pipeline.explain import ERRORS_TOLD, explain_lines, follow, meta_field
from tillpost.pipeline.normalizer import FIELDS, Case, Normalizer, open_normalizer
from tillpost.report import explain_words

CASES = ROOT / "tests" / "data" / "normalization-cases.jsonl"
ADDED = ("normalized", "sha256", "problem")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
HASH = hashlib.sha256(b"mary").hexdigest()
SECRET = "ada@lovelace.example"


@pytest.fixture(scope="module")
def normalizer() -> Iterator[Normalizer]:
    with open_normalizer(None, variables={}, environ={}, now=NOW) as opened:
        yield opened


def tillpost(
    *words: str | Path, cwd: Path, stdin: bytes = b"", temporary: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "tillpost", "explain", *map(str, words)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, "TMPDIR": str(temporary or cwd)},
    )


def answered(normalizer: Normalizer, *lines: str) -> list[dict[str, Any]]:
    texts = explain_lines(normalizer, [line.encode() for line in lines], shown="x.jsonl")
    return [json.loads(line) for text in texts for line in text.split("\n")]


def refused(normalizer: Normalizer, *lines: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        list(explain_lines(normalizer, lines, shown="x.jsonl"))
    return str(caught.value)


def sha256(value: object) -> object:
    if isinstance(value, list):
        return [sha256(each) for each in value]
    return hashlib.sha256(value.encode()).hexdigest() if isinstance(value, str) else None


def test_a_file_comes_back_line_by_line_with_its_answers(tmp_path: Path) -> None:
    tillpost("--input", "-", cwd=tmp_path, stdin=b'{"field": "em", "value": ""}')
    before = set(tmp_path.rglob("*"))  # what Jinja keeps of the macros
    done = tillpost("--input", CASES, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    asked = CASES.read_text("utf-8").strip().split("\n")
    lines = done.stdout.decode().strip().split("\n")
    for question, line in zip(asked, lines, strict=True):
        assert line.startswith(question[:-1])
        assert tuple(json.loads(line)) == (*json.loads(question), *ADDED)
    found = [json.loads(line) for line in lines]
    hashed = [each for each in found if each["sha256"] and each["sha256"] != each["normalized"]]
    assert len(hashed) > len(found) / 2
    assert [each["id"] for each in hashed if each["sha256"] != sha256(each["normalized"])] == []
    with (ROOT / "seeds" / "problems.csv").open(encoding="utf-8", newline="") as file:
        meanings = {row["problem"]: row["meaning"] for row in csv.DictReader(file)}
    words = [each["problem"] for each in found if isinstance(each["problem"], str)]
    assert len(words) > 50
    assert {word for word in words if not meanings.get(word)} == set()
    assert set(tmp_path.rglob("*")) == before, "personal values never touch the disk"


LINES = [
    ('"field": "ph", "value": "020 7946 0958", "country": "UK"', "442079460958"),
    ('"field": "phone", "value": 442079460958, "country": null', "442079460958"),
    ('"field": "db", "value": 19970216', "19970216"),
    ('"field": "external_id", "value": 0.10', "0.10"),
    ('"field": "external_id", "value": 12345678901234567890.50', "12345678901234567890.50"),
    ('"field": "external_id", "value": true', "true"),
    ('"field": "external_id", "value": ["A", null, 7]', ["a", "7"]),
    ('"field": "em", "value": "A@x.co; b@x.co"', ["a@x.co", "b@x.co"]),
    ('"field": "em", "value": ["a@x.co", "A@X.co "]', "a@x.co"),
    (f'"field": "external_id", "value": ["Mary", "{HASH}"]', "mary"),
    ('"field": "em", "value": null', None),
    ('"field": "em", "value": ""', None),
    ('"field": "ct", "value": "São Paulo"', ["sopaulo", "sãopaulo"]),
    ('"field": "zip", "value": "1234-567", "country": "pt"', ["1234", "1234567"]),
    ('"field": "country", "value": "uk", "country": "fr"', "gb"),
    ('"field": "country", "value": null, "country": "fr"', None),
    ('"field": "gen", "value": "Mrs."', "f"),
    ('"field": "fn", "value": "\\ud800Ma\\u0000ry\\u200b"', "mary"),
    ('"field": "fn", "value": "😀\\ud83d\\ude00"', "😀😀"),
    (f'"field": "ln", "value": "{HASH.upper()}"', HASH),
]


def test_each_kind_of_value_is_understood(normalizer: Normalizer) -> None:
    found = answered(normalizer, *(f"{{{line}}}" for line, _ in LINES))
    assert [each["normalized"] for each in found] == [expected for _, expected in LINES]
    assert [each["sha256"] for each in found[:-1]] == [sha256(each) for _, each in LINES[:-1]]
    assert found[-1]["sha256"] == HASH


def test_what_meta_wants_in_clear_has_no_hash(normalizer: Normalizer) -> None:
    values = {
        "madid": "38400000-8cf0-11bd-b23e-10b96e40000d",
        "lead_id": "525645896321548",
        "client_ip_address": "192.0.2.1",
    }
    lines = [json.dumps({"field": field, "value": value}) for field, value in values.items()]
    found = answered(normalizer, *lines)
    assert [each["normalized"] for each in found] == list(values.values())
    assert [each["sha256"] for each in found] == [None, None, None]


def test_a_problem_is_told_of_its_own_field_only(normalizer: Normalizer) -> None:
    found = answered(
        normalizer,
        '{"field": "em", "value": "nobody", "country": "Atlantis"}',
        '{"field": "fn", "value": "Mary", "country": "Atlantis"}',
        '{"field": "country", "value": "Atlantis"}',
        '{"field": "em", "value": ["test@test.com", "nobody"]}',
    )
    assert [each["problem"] for each in found] == [
        "email_malformed",
        None,
        "country_unknown",
        ["email_placeholder", "email_malformed"],
    ]


def test_the_rest_of_a_line_stays_as_it_is_written(normalizer: Normalizer) -> None:
    line = '{"n": 1.50, "big": 1e400, "t": "\\u00e9\\ud800/é", "field":"em" , "value":"" }'
    (text,) = explain_lines(normalizer, [line.encode() + b"\r\n"], shown="x.jsonl")
    assert text == f'{line[:-2]}, "normalized": null, "sha256": null, "problem": null}}'


def test_an_answer_that_stands_there_already_is_replaced(normalizer: Normalizer) -> None:
    line = (
        '{"normalized": {"a": [1, "}"]}, "field": "em", "n": 1.50 , "sha256":"x",'
        ' "value": "a@x.co", "pro\\u0062lem": null}'
    )
    (text,) = explain_lines(normalizer, [line.encode()], shown="x.jsonl")
    (again,) = explain_lines(normalizer, [text.encode()], shown="x.jsonl")
    assert text == again
    assert text.startswith('{"field": "em", "n": 1.50, "value": "a@x.co", "normalized": "a@x.co",')


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f'"{SECRET}"', "no JSON object"),
        (f'{{"field": "em", "value": "{SECRET}"', "no JSON object"),
        (f'{{"field": "em", "value": "{SECRET}", "n": NaN}}', "no JSON object"),
        ("[" * 100_000, "no JSON object"),
        ("", "no JSON object"),
        (f'{{"value": "{SECRET}"}}', '"field" is missing'),
        ('{"field": "em"}', '"value" is missing'),
        (f'{{"field": "emial", "value": "{SECRET}"}}', "try: email"),
        (f'{{"field": "{SECRET}", "value": "em"}}', "there is no such field"),
        (f'{{"field": ["em"], "value": "{SECRET}"}}', "there is no such field"),
        (f'{{"field": "em", "value": {{"a": "{SECRET}"}}}}', "a value must be a text"),
        (f'{{"field": "em", "value": [["{SECRET}"]]}}', "a value must be a text"),
        (f'{{"field": "em", "value": ["{SECRET}", 1, 2, 3]}}', "more than 3 values"),
        (f'{{"field": "fn", "value": ["{SECRET}"]}}', "only em, ph, external_id"),
        (f'{{"field": "fn", "value": "", "country": ["{SECRET}"]}}', '"country" must be'),
    ],
)
def test_a_line_that_cannot_be_read_is_named_without_its_value(
    normalizer: Normalizer, line: str, told: str
) -> None:
    words = refused(normalizer, b'{"field": "em", "value": null}', line.encode())
    assert words.startswith("x.jsonl:2  ")
    assert told in words
    assert SECRET not in words


def test_a_line_in_another_encoding_is_named(normalizer: Normalizer) -> None:
    assert "x.jsonl:1  " in refused(normalizer, '{"field": "fn", "value": "é"}'.encode("latin-1"))


def test_all_lines_that_cannot_be_read_are_counted_and_nothing_is_answered(tmp_path: Path) -> None:
    lines = '{"field": "em", "value": "a@x.co"}\n' + f"{SECRET}\n" * 25
    done = tillpost("--input", "-", cwd=tmp_path, stdin=lines.encode())
    assert (done.returncode, done.stdout) == (2, b"")
    told = done.stderr.decode()
    assert told.count("this line is no JSON object") == ERRORS_TOLD
    assert "<stdin>:2  " in told
    assert "25 lines cannot be read" in told
    assert SECRET not in told


WORDS = [
    (
        Case(field="ph", values=(" (0171) 234-5678\u200b",), country="Germany"),
        (
            'given            " (0171) 234-5678\\u200b"\n'
            'country          "Germany"\n'
            'folded           "01712345678"\n'
            'country code     "de"\n'
            'calling code     "49"\n'
            'dialled          "+4901712345678"\n'
            "normalized       491712345678\n"
            "sha256           57cd22a4ac12d9ebb5b1f98207134ba4be5e09b8d1a20534c9ebdcabe52d8cd9\n"
            "sent as          user_data.ph"
        ),
    ),
    (
        Case(field="fn", values=(HASH,)),
        (
            f'given            "{HASH}"\n'
            f"normalized       {HASH}\n"
            f"sha256           {HASH}, a hash already: passed on\n"
            "sent as          user_data.fn"
        ),
    ),
    (
        Case(field="ln", values=("Vale\u0301ry\\\x1b",)),
        (
            'given            "Vale\\u0301ry\\\\\\x1b"\n'
            'folded           "valéry\\\\"\n'
            "normalized       valéry\n"
            "sha256           08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c\n"
            "sent as          user_data.ln"
        ),
    ),
    (
        Case(field="st", values=("California",)),
        (
            'given            "California"\n'
            'folded           "california"\n'
            'state code       "ca"\n'
            "normalized       ca\n"
            "sha256           6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126\n"
            "sent as          user_data.st"
        ),
    ),
    (
        Case(field="lead_id", values=("525645896321548",)),
        (
            'given            "525645896321548"\n'
            "normalized       525645896321548\n"
            "sha256           none: it goes in clear\n"
            "sent as          user_data.lead_id"
        ),
    ),
]


@pytest.mark.parametrize(("case", "words"), WORDS, ids=[case.field for case, _ in WORDS])
def test_each_step_is_told(normalizer: Normalizer, case: Case, words: str) -> None:
    assert explain_words(follow(normalizer, case)) == words


def test_an_absent_value_has_its_problem_and_what_that_means(normalizer: Normalizer) -> None:
    explanation = follow(normalizer, Case(field="em", values=("nobody",)))
    words = explain_words(explanation)
    assert "normalized       absent" in words
    assert "problem          email_malformed: " in words
    assert "sha256" not in words
    assert explanation.problems["email_malformed"], "the seed problems says what it means"


@pytest.mark.parametrize("field", [*FIELDS, *FIELDS.values()])
def test_a_field_has_metas_name_and_ours(field: str) -> None:
    assert meta_field(field) in FIELDS


def test_a_value_can_come_from_stdin(tmp_path: Path) -> None:
    done = tillpost("email", "-", cwd=tmp_path, stdin=b" Mary@x.co\n")
    assert done.stdout.decode().splitlines()[0] == 'given            " Mary@x.co"'
    assert b"no project here" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("emial", SECRET), "try: email"),
        ((SECRET, "em"), "there is no such field"),
        (("em",), "give FIELD and VALUE, or --input"),
        (("em", SECRET, "--input", "-"), "--input alone"),
        (("em", SECRET, "--project-dir", "."), "there is no dbt_project.yml here"),
    ],
)
def test_a_wrong_command_says_so(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    done = command_server.run("explain", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert SECRET not in done.stderr


def test_the_models_seeds_and_variables_of_the_project_decide(tmp_path: Path) -> None:
    for part in PARTS:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        copy(ROOT / part, tmp_path / part)
    with (tmp_path / "seeds" / "placeholders.csv").open("a", encoding="utf-8") as file:
        file.write("email,kasse@laden.example\n")
    macro = tmp_path / "macros" / "intrinsics" / "normalize_external_id.sql"
    own = macro.read_text("utf-8").replace("{{ duckdb__unless", "'x' || {{ duckdb__unless")
    macro.write_text(own)
    variables = {"default_country": "gb", "day_first": True}
    with open_normalizer(tmp_path, variables=variables, environ={}, now=NOW) as opened:
        found = answered(
            opened,
            '{"field": "em", "value": "Kasse@Laden.example"}',
            '{"field": "external_id", "value": "7"}',
            '{"field": "ph", "value": "020 7946 0958"}',
            '{"field": "db", "value": "03/04/1990"}',
        )
        words = explain_words(follow(opened, Case(field="ph", values=("020 7946 0958",))))
    assert [each["normalized"] for each in found] == [None, "x7", "442079460958", "19900403"]
    assert 'default country  "gb"' in words


@pytest.mark.slow
@pytest.mark.alone
def test_a_hundred_thousand_lines_take_seconds(tmp_path: Path) -> None:
    lines = b"".join(islice(cycle(CASES.read_bytes().splitlines(keepends=True)), 100_000))
    started = time.monotonic()
    done = tillpost("--input", "-", cwd=tmp_path, stdin=lines)
    assert time.monotonic() - started < 10
    assert done.stdout.count(b"\n") == 100_000

"""Explaining values: what the models make of one, step by step, or of a file of them."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tillpost.errors import Place, UsageError, raise_all
from tillpost.pipeline.customer_fields import FIELDS, MOST
from tillpost.pipeline.normalizer import Answer, Case, Normalizer
from tillpost.project.yaml_file import did_you_mean

SEVERAL = ("em", "ph", "external_id")
# What the reference tables say for a field.
REFERENCES = {
    "ph": ("country_code", "default_country", "calling_code"),
    "ge": ("gender_letter",),
    "st": ("country_code", "default_country", "state_code"),
    "zp": ("country_code", "default_country"),
    "country": ("country_code",),
}
ANSWER = ("normalized", "sha256", "problem")
CHUNK_LINES = 25_000
CHUNK_BYTES = 16_000_000
ERRORS_TOLD = 10
EXAMPLE = '{"field": "em", "value": "john@example.com", "country": "gb"}'
_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*:\s*')
_NAMES = {column: name for name, column in FIELDS.items()} | {name: name for name in FIELDS}


def _refuse(constant: str) -> None:
    """NaN and Infinity are no JSON, whatever Python says."""
    raise ValueError(constant)


# Numbers stay as they are written: to a hash 0.10 is no 0.1.
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A case, how it came to its answer, and the meaning of each problem.

    ``steps`` has the values behind each model that changed them, by the model's name, and between
    them what the reference tables said, by the name of their column.
    """

    case: Case
    steps: dict[str, tuple[str, ...]]
    answer: Answer
    problems: dict[str, str]


def meta_field(name: object) -> str:
    """Meta's name of a field, from that or from ours.

    Raises:
        UsageError: there is none. The name is not quoted: it may be a value in its place.
    """
    if isinstance(name, str) and name in _NAMES:
        return _NAMES[name]
    raise UsageError(
        "there is no such field",
        why=f"there are: {', '.join(sorted(_NAMES))}",
        fix=did_you_mean(str(name), _NAMES),
    )


def ask(*, name: str | None, value: str | None, country: str | None, stdin: BinaryIO) -> Case:
    """What the command line asks; ``-`` for a value reads it from stdin.

    Raises:
        UsageError: the field or the value is missing, or there is no such field.
    """
    if name is None or value is None:
        raise UsageError("give FIELD and VALUE, or --input", fix="tillpost explain ph 02079460958")
    if value == "-":
        # A byte that is no UTF-8 becomes a sign that no text has, as on the command line.
        value = stdin.read().decode(errors="surrogateescape").removesuffix("\n")
    return Case(field=meta_field(name), values=(value,), country=country)


def follow(normalizer: Normalizer, case: Case) -> Explanation:
    """Follow a case through the models."""
    (answer,) = normalizer.answers([case])
    calling_codes = normalizer.lookup("calling_codes", "country", "calling_code")
    meanings = normalizer.lookup("problems", "problem", "meaning")
    steps: dict[str, tuple[str, ...]] = {}
    before = case.values
    for step, said, values in normalizer.path(case.field):
        if values and values != before:
            steps[step] = before = values
        home = said.get("home_country", "")
        said["calling_code"] = calling_codes.get(home)
        said["default_country"] = None if said.get("country_code") else home
        for name in REFERENCES.get(case.field, ()):
            if said.get(name):
                steps.setdefault(name, (said[name],))
    return Explanation(
        case=case,
        steps=steps,
        answer=answer,
        problems={word: meanings.get(word, "") for word in answer.problems},
    )


def explain_lines(normalizer: Normalizer, lines: Iterable[bytes], *, shown: str) -> Iterator[str]:
    """Answer JSON lines, a text of many lines at a time.

    Once a line cannot be read nothing more is answered: what was is the beginning.

    Args:
        normalizer: the models.
        lines: one JSON object each, with ``field``, ``value`` and perhaps ``country``.
        shown: how messages call the file.

    Raises:
        UsageError: after the last line, for the first few that cannot be read.
    """
    errors: list[UsageError] = []
    wrong = 0
    for chunk in _chunks(lines):
        read = []
        for number, line in chunk:
            try:
                read.append(_read(line))
            except UsageError as error:
                wrong += 1
                error.where = Place(file=shown, line=number)
                errors += [error] if wrong <= ERRORS_TOLD else []
        if not wrong:
            found = normalizer.answers([case for _, case in read])
            yield "\n".join(
                _answered(text, answer) for (text, _), answer in zip(read, found, strict=True)
            )
    if wrong > ERRORS_TOLD:
        told = f"{wrong:,} lines cannot be read, of which these are the first {ERRORS_TOLD}"
        errors.append(UsageError(told, where=shown))
    raise_all(errors)


def _chunks(lines: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """Numbered lines, as many as are quick to answer and small enough to hold."""
    chunk: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        chunk.append((number, line))
        size += len(line)
        if len(chunk) == CHUNK_LINES or size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _read(line: bytes) -> tuple[str, Case]:
    """The line's text, without the answer of an earlier run, and what it asks."""
    try:
        text = line.removeprefix(BOM_UTF8).decode().strip(" \t\r\n")
        members = _JSON.decode(text)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise UsageError("this line is no JSON object in UTF-8", fix=EXAMPLE)
    for key in ("field", "value"):
        if key not in members:
            raise UsageError(f'"{key}" is missing', fix=EXAMPLE)
    if isinstance(members.get("country"), list):
        raise UsageError('"country" must be one value')
    case = Case(
        field=meta_field(members["field"]),
        values=_texts(members["value"]),
        country=next(iter(_texts(members.get("country"))), None),
    )
    if isinstance(members["value"], list) and case.field not in SEVERAL:
        raise UsageError(f'only {", ".join(SEVERAL)} may have a list as "value"')
    if len(case.values) > MOST:
        raise UsageError(f'"value" holds more than {MOST} values')
    return _without_answer(text) if members.keys() & ANSWER else text, case


def _texts(value: object) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case bool():
            return (str(value).lower(),)
        case str():
            return (value,)
        case list() if not any(isinstance(each, list) for each in value):
            return tuple(text for each in value for text in _texts(each))
    raise UsageError("a value must be a text, a number, true, false or null, or a list of them")


def _without_answer(text: str) -> str:
    """The object with its other members as they are written."""
    kept = []
    place = 1
    while key := _KEY.match(text, place):
        _, end = _JSON.raw_decode(text, key.end())
        if json.loads(key[1]) not in ANSWER:
            kept.append(text[key.start(1) : end])
        place = text.find(",", end) + 1 or len(text)
    return f"{{{', '.join(kept)}}}"


def _answered(text: str, answer: Answer) -> str:
    parts = (answer.normalized, answer.hashes, answer.problems)
    added = {key: _plain(values) for key, values in zip(ANSWER, parts, strict=True)}
    return f"{text[:-1].rstrip()}, {json.dumps(added, ensure_ascii=False)[1:]}"


def _plain(values: tuple[str, ...]) -> object:
    """Nothing, the one, or all."""
    return list(values) if len(values) > 1 else next(iter(values), None)

"""Whatever sign stands in a text, every engine makes of the text what DuckDB makes of it."""

import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from compiled_project import repository_compiler
from engine_probes import DuckDBProbe, PostgresProbe, Probe, SparkProbe, postgres_server

BATCH = 50_000
INTRINSICS = (
    *("clean_text", "text_in_clear", "visible_text", "fold_text", "ascii_digits", "letters_of"),
    *("without_punctuation", "normalize_name", "normalize_city", "normalize_city_letters"),
    *("normalize_email", "normalize_external_id", "phone_digits", "month_word", "sortable"),
    *("key_part", "json_text", "plain_number", "digest16"),
)
ANSWERS = ", ".join(
    f"cast({{{{ {name}('x') }}}} as varchar) as answer_{place}"
    for place, name in enumerate(INTRINSICS)
)


@contextmanager
def probing(dialect: str) -> Iterator[Probe]:
    if dialect == "spark":
        yield SparkProbe()
        return
    with postgres_server() as address:
        probe = PostgresProbe(address)
        yield probe
        probe._connection.close()  # noqa: SLF001  it has no end of its own


def assigned() -> list[str]:
    """The signs of this Python's Unicode but half characters; of the private ones the outermost."""
    signs = map(chr, range(1, sys.maxunicode + 1))
    found = [sign for sign in signs if unicodedata.category(sign) not in ("Cn", "Co", "Cs")]
    return [*found, "\ue000", "\uf8ff", "\U000f0000", "\U0010fffd"]


def known_to(probe: Probe, signs: Sequence[str]) -> list[str]:
    """Without those that came after an engine's own Unicode; PostgreSQL's is of Python's age."""
    if probe.dialect != "spark":
        return list(signs)
    rows = [(sign,) for sign in signs]
    found = probe.answers(r"select id, x rlike r'^\P{Cn}$' from t", ["x"], rows)
    return [signs[number] for number, is_known in sorted(found) if is_known]


def texts(signs: Sequence[str]) -> Iterator[str]:
    """Each sign alone, and between a letter, a digit and a space."""
    for sign in signs:
        yield from (sign, f"a{sign}b", f"1 {sign}")


def answers(probe: Probe, found: Sequence[str]) -> list[tuple[Any, ...]]:
    """The answer of each intrinsic to each text, behind the text's number."""
    sql = repository_compiler().text(
        f"select id, {ANSWERS} from t", path="signs", dialect=probe.dialect
    )
    return sorted(probe.answers(sql, ["x"], [(text,) for text in found]))


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["postgres", "spark"])
def test_texts_with_any_sign_become_the_same(dialect: str) -> None:
    apart: list[tuple[str, ...]] = []
    with probing(dialect) as probe:
        found = list(texts(known_to(probe, assigned())))
        for start in range(0, len(found), BATCH):
            batch = found[start : start + BATCH]
            pairs = zip(batch, answers(DuckDBProbe(), batch), answers(probe, batch), strict=True)
            for text, ours, theirs in pairs:
                if ours != theirs:
                    apart += differing(text, ours[1:], theirs[1:])
    assert len(found) > 400_000
    assert apart[:40] == []


def differing(text: str, ours: Sequence[Any], theirs: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    """Which intrinsics answer otherwise: their names, the text, and both answers."""
    for name, one, two in zip(INTRINSICS, ours, theirs, strict=True):
        if one != two:
            yield name, ascii(text), ascii(one), ascii(two)

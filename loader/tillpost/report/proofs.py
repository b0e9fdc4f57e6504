"""The privacy proof for people: a terminal's summary, a page for a lawyer, a file for programs."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from tillpost.pipeline.evidence import Evidence, Way
from tillpost.pipeline.lookalikes import NOUNS
from tillpost.report.tables import table

PAGE = "proof.html.jinja"
FORMS = {
    "hashed": "hashes",
    "digested": "digests",
    "keyed": "digests with the project's key",
    "placed": "in clear",
    "normalized": "in clear",
    "raw": "in clear",
}


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """A line of the table of what leaves: one field, one treatment."""

    field: str
    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    treatment: str
    is_clear: bool


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A line of the table of what is stored: the columns of a relation that are alike."""

    relation: str
    columns: tuple[str, ...]
    forms: tuple[str, ...]
    sources: tuple[str, ...]


def proof_json(evidence: Evidence) -> str:
    """Everything, for programs: what a run leaves as proof.json."""
    return json.dumps(asdict(evidence), indent=2, ensure_ascii=False)


def proof_page(evidence: Evidence) -> str:
    """One page that needs nothing but a browser."""
    return _page().render(
        proof=evidence,
        moment=moment(evidence),
        leaving=list(leaving(evidence)),
        stored=list(stored(evidence)),
        nouns=NOUNS,
    )


def proof_words(evidence: Evidence) -> str:
    """What leaves, what is stored and what was looked at, for a terminal."""
    counts, base = evidence.counts, evidence.trusted_base
    held: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in stored(evidence):
        held[row.relation, _list(row.forms)] += row.columns
    parts = [
        f"Proved {moment(evidence)}: project {evidence.project}, target {evidence.target}",
        f"{counts.tagged} personal columns were followed through {counts.models} models.",
        "None of them is stored or leaves readable, other than what is marked in clear.",
        "\nWhat leaves",
        table(
            ("field", "what", "treatment", "from"),
            [
                (each.field, _list(each.kinds), each.treatment, _list(each.sources))
                for each in leaving(evidence)
            ],
        ),
        "\nWhat is stored",
        table(
            ("relation", "columns", "made of"),
            [(relation, _list(columns), forms) for (relation, forms), columns in held.items()],
        ),
        "\nWhat is looked at only to leave rows out",
        *([f"{each.place}  {_list(each.columns)}" for each in evidence.filters] or ["nothing"]),
        "\nWhat this proof takes for granted",
        f"trusted base {base.digest}"
        + (", as Tillpost comes with it" if base.is_shipped else ", not the one Tillpost has:"),
        *(f"  {each}" for each in base.differences),
        "columns without a tag, taken to hold nothing personal:",
        *(f"  {each.source}: {_list(each.columns)}" for each in evidence.untagged),
        *(f"warning: {each}\n  try: {each.fix}" for each in evidence.lookalikes),
        "\nThe whole of it, with every step's file and line: tillpost proof --output html or json",
    ]
    return "\n".join(parts)


def moment(evidence: Evidence) -> str:
    """The proof's date as people write it."""
    return evidence.date.replace("T", " ").removesuffix("Z")[:16] + " UTC"


def leaving(evidence: Evidence) -> Iterator[Leaving]:
    """A line for each field and treatment, with all the columns that are treated so."""
    for each in evidence.payload:
        alike: dict[tuple[str, bool], list[Way]] = defaultdict(list)
        for way in sorted(each.ways, key=_importance):
            alike[_treatment(way), FORMS[way.form] == "in clear"].append(way)
        for (treatment, is_clear), ways in alike.items():
            yield Leaving(
                field=each.field,
                kinds=tuple(dict.fromkeys(NOUNS[way.kind] for way in ways)),
                sources=tuple(dict.fromkeys(way.source for way in ways)),
                treatment=treatment,
                is_clear=is_clear,
            )


def _importance(way: Way) -> bool:
    """A country helps to read others: it comes last."""
    return way.kind == "country"


def stored(evidence: Evidence) -> Iterator[Stored]:
    """A line for the columns of a relation that have the same forms of the same sources."""
    alike: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for each in evidence.stored:
        forms = tuple(dict.fromkeys(FORMS[form] for form in each.forms))
        alike[each.relation, forms, each.sources].append(each.column)
    for (relation, forms, sources), columns in alike.items():
        yield Stored(relation=relation, columns=tuple(columns), forms=forms, sources=sources)


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


def _treatment(way: Way) -> str:
    made = f"by {way.normalizer}" if way.normalizer else ""
    if way.form == "keyed":
        return f"digested with the project's key by {way.hash}"
    if way.hash:
        return f"normalised {made}, then hashed by {way.hash}"
    return f"in clear, normalised {made}" if made else "in clear, as it is"


@cache
def _page() -> Template:
    text = (files("tillpost.report") / PAGE).read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)

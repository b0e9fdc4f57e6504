"""Columns that look personal and have no tag: by their names, and by what stands in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tillpost.compiler import OPAQUE, Manifest
from tillpost.errors import UsageError
from tillpost.pipeline.workspace import Workspace
from tillpost.project import Project
from tillpost.project.guess import WORDS, kind_of
from tillpost.project.sources import KINDS, Source

STRICT = "strict_privacy"
OURS = "tillpost."
NOUNS = {
    "email": "an e-mail address",
    "phone": "a phone number",
    "card": "a card number",
    "fn": "a name",
    "ln": "a name",
    "gen": "a gender",
    "db": "a date of birth",
    "ct": "a customer's city",
    "st": "a customer's state",
    "zip": "a postal code",
    "country": "a customer's country",
    "external_id": "a customer's number",
    "madid": "a phone's advertising id",
    "lead_id": "the id of a lead",
    "client_ip_address": "an IP address",
    "client_user_agent": "a browser's description of itself",
    "fbc": "Meta's id of a click",
    "fbp": "Meta's id of a browser",
    "subscription_id": "the id of a subscription",
    "fb_login_id": "an id of Facebook Login",
    "page_scoped_user_id": "a person's id on a Facebook page",
    "ig_sid": "a person's id on Instagram",
    "ctwa_clid": "the id of a click to WhatsApp",
}
_WHOLE_NAMES = {"customername": "fn", "fullname": "fn", "buyername": "fn", "cardholder": "fn"}
_PERSON = frozenset(
    (
        *("customer", "cust", "client", "buyer", "member", "user", "person", "contact"),
        *("billing", "bill", "shipping", "ship", "delivery", "recipient", "loyalty"),
        *("kunde", "kunden", "besteller", "empfaenger", "rechnung", "liefer"),
    )
)
_OTHERS = frozenset(
    (
        *("store", "shop", "till", "branch", "filiale", "company", "firma", "merchant"),
        *("supplier", "vendor", "seller", "warehouse", "support", "brand", "is", "has"),
    )
)
# Tills have these for other things as well: only a customer's say something.
_PLACES = {"ct", "st", "country"}
_AMBIGUOUS = {"first", "last", "cell", "mobile", "handy", "clientid", "cardno"}
_SHORTEST = 3


@dataclass(frozen=True, kw_only=True)
class Lookalike:
    """A source's column that looks like a kind of personal data and is not tagged.

    ``rows`` of the ``sampled`` values look so; where both are 0 its name does. ``is_built`` is of
    what the models make of the source, under a name of theirs.
    """

    source: str
    column: str
    kind: str
    rows: int = 0
    sampled: int = 0
    is_built: bool = False

    def __str__(self) -> str:
        """A sentence; it never quotes a value."""
        noun = NOUNS[self.kind]
        found = (
            f"{self.rows:,} of {self.sampled:,} values looked at are like {noun}"
            if self.sampled
            else f"its name says {noun}"
        )
        if self.is_built:
            return f"{self.column} as it is made of {self.source}: {found}"
        return f"{self.source}.{self.column} has no tag, and {found}"

    @property
    def fix(self) -> str:
        """What an analyst does about it."""
        if self.kind == "card":
            return f"leave {self.column} out of the models: nobody should hold card numbers"
        if self.is_built:
            named = f"name {self.column} there with meta: {{pii: false}}"
            return f"tag what it is made of in sources.yml, or {named}"
        tag = f"meta: {{pii: {self.kind}}}"
        return f"tag {self.column} in sources.yml ({tag}), or say there {{pii: false}}"


def is_strict(project: Project) -> bool:
    """Whether what looks personal has to be tagged, or to be said to be none."""
    return bool(project.vars.get(STRICT, False))


def named_errors(workspace: Workspace, manifest: Manifest) -> list[UsageError]:
    """An error for each column whose name looks personal, where the project is strict."""
    if not is_strict(workspace.project):
        return []
    return [
        UsageError(
            str(each),
            where=workspace.project.sources[each.source].file,
            why=f"vars.{STRICT} is true",
            fix=each.fix,
        )
        for each in named(workspace.project, untagged(workspace, manifest))
    ]


def named(project: Project, read: Mapping[str, Sequence[str]]) -> tuple[Lookalike, ...]:
    """The columns whose names look personal, of those that models read without a tag."""
    return tuple(
        Lookalike(source=source, column=column, kind=kind)
        for source, columns in read.items()
        for column in columns
        if (kind := kind_in_name(column)) and not is_silent(project.sources[source], column)
    )


def is_silent(source: Source, column: str) -> bool:
    """Whether a column is said to hold nothing personal."""
    return column.lower() in {each.lower() for each in source.impersonal}


def kind_in_name(column: str) -> str:
    """The kind of personal data that a name speaks of, or nothing: `cust_email2` is an e-mail."""
    words = _words(column)
    if _OTHERS & set(words):
        return ""
    for at in range(len(words)):
        word = "".join(words[at:])
        kind = _meanings().get(word, "")
        is_vague = kind in _PLACES or word in _AMBIGUOUS
        if kind and (not is_vague or _PERSON & set(words[:at])):
            return kind
    return ""


def _words(column: str) -> list[str]:
    """Its words in lower case, without the number at the end."""
    plain = column.translate(str.maketrans("äöüéèÄÖÜ", "aoueeAOU"))
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", plain).lower()
    words = [each for each in re.split(r"[^a-z0-9]+", parted) if each]
    numbered = [re.sub(r"\d+$", "", each) for each in words]
    return [each for each in numbered if each]


@cache
def _meanings() -> dict[str, str]:
    """Each word that says a kind of personal data, from those that `init` guesses by."""
    personal = set(KINDS.values())
    return {
        word: kind_of(name)
        for name, words in WORDS.items()
        if kind_of(name) in personal
        for word in words.split()
        if len(word) >= _SHORTEST
    } | _WHOLE_NAMES


def untagged(
    workspace: Workspace, manifest: Manifest, columns: Mapping[str, Sequence[str]] | None = None
) -> dict[str, tuple[str, ...]]:
    """By source, the columns without a tag that models name.

    Args:
        workspace: the project.
        manifest: its models, compiled for any dialect.
        columns: what the sources have, where that is known.
    """
    found = {}
    for name, (names, own) in _used(workspace, manifest).items():
        tagged = {each.lower() for each in workspace.project.sources[name].kinds}
        known = names - own if columns is None else columns.get(name, ())
        read = {each for each in known if each.lower() in names - tagged}
        found[name] = tuple(sorted(read))
    return found


def _used(workspace: Workspace, manifest: Manifest) -> dict[str, tuple[set[str], set[str]]]:
    """By source, all names that its readers use, and those among them that SQL gave."""
    handed_on: dict[str, set[str]] = {}
    found: dict[str, tuple[set[str], set[str]]] = {}
    for model in manifest.models:
        sources = {each for each in model.sources if not each.startswith(OURS)}.union(
            *(handed_on.get(each, ()) for each in model.refs)
        )
        if not sources:
            continue
        text = workspace.compiler.model(workspace.project.models[model.name], dialect=OPAQUE).sql
        try:
            tree = sqlglot.parse_one(text, dialect="duckdb")
        except SqlglotError:
            continue  # the proof tells of it
        if isinstance(tree, exp.Query) and tree.is_star:
            handed_on[model.name] = sources
        for each in sorted(sources):
            names, own = found.setdefault(each, (set(), set()))
            names |= set(_named(tree))
            own |= set(_given(tree))
    return found


def _named(tree: exp.Expr) -> Iterator[str]:
    """The columns that SQL names; the options of a call that reads a file look like some."""
    for column in tree.find_all(exp.Column):
        if not isinstance(column.find_ancestor(exp.Table, exp.Query), exp.Table):
            yield column.name.lower()


def _given(tree: exp.Expr) -> Iterator[str]:
    """The names that SQL gives to something else: `lower(email) as email` is no such."""
    for alias in tree.find_all(exp.Alias):
        name = alias.alias.lower()
        if all(column.name.lower() != name for column in alias.find_all(exp.Column)):
            yield name

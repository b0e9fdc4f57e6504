"""What `why` can be asked for, and how the build finds it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tillpost.errors import UsageError
from tillpost.pipeline.built import Built, Record, literal
from tillpost.pipeline.normalizer import Case, open_normalizer
from tillpost.pipeline.workspace import Workspace

_NUMBERED = re.compile(r"(?:(?P<file>.*) )?row (?P<number>\d+)\Z", re.DOTALL)
_SHORT = re.compile(r"(?P<file>.+):(?P<number>\d+)\Z", re.DOTALL)
MOST_BASKETS = 50


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One of these; ``country`` is what a phone is read by.

    ``digest`` is the order id as the project's key digests it, empty without a key;
    ``everywhere`` reads all sources; a full answer has the customer's normal forms.
    """

    order_id: str = ""
    digest: str = ""
    event_key: str = ""
    row: str = ""
    email: str = ""
    phone: str = ""
    country: str | None = None
    everywhere: bool = False
    is_full: bool = False

    def __repr__(self) -> str:
        """Without anything personal."""
        return f"Asked({self.words})"

    @property
    def event(self) -> str:
        """The event key as digests are written."""
        return str(UUID(self.event_key)) if self.event_key else ""

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The order id as it may stand in the models."""
        return tuple(filter(None, (self.order_id, self.digest)))

    @property
    def words(self) -> str:
        """What was asked for, as it may be shown."""
        if self.email or self.phone:
            return "an e-mail" if self.email else "a phone"
        named = (("order", self.order_id), ("event", self.event_key), ("row", self.row))
        return next((f"{what} {value}" for what, value in named if value), "")

    def require_one(self) -> None:
        """Make sure that one thing is asked for, and that it can be one."""
        given = (self.order_id, self.event_key, self.row, self.email, self.phone)
        if sum(map(bool, given)) != 1:
            raise UsageError(
                "ask for one thing",
                fix="tillpost why ORDER_ID, or --event-key, --row, --email, --phone",
            )
        if self.event_key:
            try:
                UUID(self.event_key)
            except ValueError:
                raise UsageError(
                    "this is no event key", fix="tillpost ledger list shows them: 32 hex digits"
                ) from None


@dataclass(frozen=True, kw_only=True)
class RowName:
    """A source row as a row ref names it, taken apart."""

    source_name: str | None
    file: str | None
    number: int | None
    key: str | None


def row_name(text: str, sources: Sequence[str]) -> RowName:
    """Take a row ref apart, or `FILE:NUMBER`."""
    source, _, rest = text.partition(" ")
    if source in sources:
        if found := _NUMBERED.match(rest):
            return RowName(
                source_name=source, file=found["file"], number=int(found["number"]), key=None
            )
        return RowName(source_name=source, file=None, number=None, key=rest)
    if found := _SHORT.match(text):
        return RowName(source_name=None, file=found["file"], number=int(found["number"]), key=None)
    raise UsageError(
        "this names no row",
        fix="--row FILE:NUMBER, or a row ref as build, show and why print it",
    )


def lines_of(built: Built, asked: Asked) -> list[Record]:
    """The rows that were read of what was asked for, and all others of the same orders."""
    if asked.order_id:
        return built.lines(built.of_orders(asked.order_ids))
    if asked.row:
        found = built.lines(_row_condition(built, asked.row))
        return _with_siblings(built, found)
    if asked.event_key:
        baskets = built.baskets_of_event(asked.event)
    else:
        column, hashes = customer_hashes(built.workspace, asked)
        baskets = built.baskets_of(column, hashes) if hashes else []
    if not baskets:
        return []
    return _with_siblings(
        built, built.lines(f"basket in ({built.digests(baskets[:MOST_BASKETS])})")
    )


def customer_hashes(workspace: Workspace, asked: Asked) -> tuple[str, tuple[str, ...]]:
    """The column of an e-mail or a phone, and its hashes, by the project's own models.

    They run in memory; the value is a bound parameter of it, and written nowhere.
    """
    column, value = ("em", asked.email) if asked.email else ("ph", asked.phone)
    case = Case(field=column, values=(value,), country=asked.country)
    options = workspace.options
    with open_normalizer(
        workspace.project.root,
        variables=options.vars,
        environ=options.environ,
        now=options.now,
    ) as normalizer:
        (answer,) = normalizer.answers([case])
    if not answer.hashes:
        raise UsageError(
            f"nothing is left of this {'e-mail' if asked.email else 'phone'} once normalised",
            why=", ".join(answer.problems),
            fix="tillpost explain shows each step; a phone may need --country",
        )
    return column, answer.hashes


def source_condition(built: Built, name: RowName) -> str:
    """The condition on a staging model's columns that a row is this one, within its file."""
    if name.key is not None:
        return f"row_key = {literal(name.key, built.engine.dialect)}"
    return f"source_row = {name.number:d}"


def _row_condition(built: Built, text: str) -> str:
    name = row_name(text, list(built.workspace.project.sources))
    if name.source_name:
        return f"row_ref = {built.text(text)}"
    before = {each["source_file"]: each["rows_before"] for each in built.files()}
    file = str(name.file)
    number = (name.number or 0) + int(before.get(file, 0))
    return f"source_file = {built.text(file)} and source_row = {number}"


def _with_siblings(built: Built, found: Sequence[Record]) -> list[Record]:
    """All rows of the orders, or of the baskets where there is no order id."""
    orders = list(dict.fromkeys(each["order_id"] for each in found if each["order_id"]))
    baskets = list(dict.fromkeys(each["basket"] for each in found if not each["order_id"]))
    rows: list[Record] = []
    if orders:
        rows += built.lines(f"order_id in ({', '.join(map(built.text, orders))})")
    if baskets:
        rows += built.lines(f"basket in ({built.digests(baskets)})")
    return rows

"""What `tillpost ledger` does: looking into the ledger, carrying it about, a person's word."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tillpost.errors import TillpostError, UsageError
from tillpost.ledger import Book, Entry, Question, Sale, Tally
from tillpost.ledger.transfer import export_entries, import_entries
from tillpost.pipeline.clocks import wall_clock
from tillpost.pipeline.digest_keys import adopt_key, order_ids
from tillpost.pipeline.execution import locked
from tillpost.pipeline.ledgers import ledger_place
from tillpost.pipeline.sales import built_sales, order_sales, sale_keys
from tillpost.pipeline.unsent import RESEND_SECONDS
from tillpost.pipeline.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came out of a file: its entries, and those that were new."""

    entries: int
    new: int


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """How many events' keys stay without detail, and whether the order stood there as a digest."""

    events: int
    is_digested: bool = False


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as a person names it; what is left out is looked for."""

    order_id: str
    event_names: tuple[str, ...] = ()
    item_numbers: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()


def list_entries(
    workspace: Workspace, *, state: str, order_id: str, run_id: str, limit: int
) -> tuple[Entry, ...]:
    """What stands of events, the last written first."""
    with _opened(workspace) as book:
        keys = _keys_of(workspace, book, order_id) if order_id else ()
        question = Question(
            held_before=wall_clock() - RESEND_SECONDS,
            state=state,
            sale_keys=keys,
            run_id=run_id,
            limit=limit,
        )
        return book.entries(question)


def export_ledger(workspace: Workspace, path: Path) -> int:
    """Write all entries to a file; says how many."""
    with _opened(workspace) as book:
        return export_entries(book, path)


def import_ledger(workspace: Workspace, path: Path, *, wait: float) -> Imported:
    """Take in another ledger's entries."""
    if not path.is_file():
        raise UsageError("there is no such file", where=str(path))
    with _writing(workspace, "ledger import", wait=wait) as (book, _):
        forgotten = book.counts().get("forgotten", 0)
        entries, new = import_entries(book, path)
        if book.counts().get("forgotten", 0) > forgotten:
            book.scrub()
    return Imported(entries=entries, new=new)


def resolve(  # noqa: PLR0913  each way to choose is an option of the command
    workspace: Workspace,
    *,
    state: str,
    order_ids: Sequence[str],
    event_keys: Sequence[str],
    all_of_them: bool,
    wait: float,
) -> int:
    """Write down a person's word on held and unanswered events; says of how many.

    Raises:
        UsageError: nothing was chosen, or nothing that was chosen waits for a word.
    """
    if bool(order_ids or event_keys) == all_of_them:
        raise UsageError(
            "all events and some of them cannot both be meant"
            if all_of_them
            else "no event was chosen",
            fix="--order, --event-key, or --all alone: tillpost ledger list --state held",
        )
    _require_keys(event_keys)
    _require_ledger(workspace)
    with _writing(workspace, "ledger resolve", wait=wait) as (book, run_id):
        sales = [key for order in order_ids for key in _keys_of(workspace, book, order)]
        found = book.resolve(state, sale_keys=sales, event_keys=event_keys, run_id=run_id)
        if not found:
            raise UsageError(
                "no such event is held or without an answer",
                where=str(ledger_place(workspace)),
                fix="tillpost ledger list --state held, or --state uncertain, shows those that are",
            )
    return found


def forget(workspace: Workspace, order: Order, *, wait: float) -> Forgotten:
    """Take an order's detail out of the ledger for good, under its id and under its digest.

    Raises:
        UsageError: neither the ledger nor the build knows the order.
    """
    with _writing(workspace, "ledger forget", wait=wait) as (book, _):
        sales = {
            each: _sales_of(workspace, book, order, each)
            for each in order_ids(workspace, order.order_id)
        }
        found = {each: book.forget(its) for each, its in sales.items()}
        keys = [sale.sale_key for its in sales.values() for sale in its]
        if not any(found.values()) and not _is_forgotten(book, keys):
            raise UsageError(
                "neither the ledger nor the last build knows this order",
                where=str(ledger_place(workspace)),
                fix="see its id; --event-name, --item-number or --dataset where they are unusual",
            )
        book.scrub()
    others = sum(found.values()) - found[order.order_id]
    return Forgotten(events=sum(found.values()), is_digested=others > 0)


def adopt_digest_key(workspace: Workspace, *, wait: float) -> bool:
    """Let runs digest order ids with the profile's key; says whether they could not before."""
    _require_ledger(workspace)
    with _writing(workspace, "ledger adopt-key", wait=wait) as (book, _):
        return adopt_key(workspace, book)


def _sales_of(workspace: Workspace, book: Book, order: Order, order_id: str) -> list[Sale]:
    """The sales that an order id could be, and those that only the build knows: not sent yet."""
    known = order_sales(
        workspace,
        order_id,
        event_names=order.event_names,
        item_numbers=order.item_numbers,
        datasets=(*order.datasets, *book.datasets()),
    )
    return known + built_sales(workspace, order_id)


def _is_forgotten(book: Book, keys: Sequence[str]) -> bool:
    question = Question(held_before=0, state="forgotten", sale_keys=tuple(keys), limit=1)
    return bool(book.entries(question))


def _keys_of(workspace: Workspace, book: Book, order_id: str) -> tuple[str, ...]:
    return sale_keys(workspace, order_id, datasets=book.datasets())


def _require_keys(event_keys: Sequence[str]) -> None:
    for key in event_keys:
        try:
            UUID(key)
        except ValueError:
            raise UsageError(
                f'"{key}" is no event key', fix="tillpost ledger list shows them: 32 hex digits"
            ) from None


def _require_ledger(workspace: Workspace) -> None:
    place = ledger_place(workspace)
    if not place.exists():
        raise UsageError(
            "there is no ledger yet", where=str(place), why="nothing was sent", fix="tillpost run"
        )


@contextmanager
def _opened(workspace: Workspace) -> Iterator[Book]:
    """The ledger for a look: none is made."""
    _require_ledger(workspace)
    with ledger_place(workspace).open(clock=wall_clock) as book:
        yield book


@contextmanager
def _writing(workspace: Workspace, command: str, *, wait: float) -> Iterator[tuple[Book, str]]:
    """The ledger under its lock, as a run that is written down with its end."""
    with (
        locked(workspace, command, None, wait=wait) as run,
        ledger_place(workspace).open(clock=wall_clock) as book,
    ):
        book.start_run(run.id, command=command)
        try:
            yield book, run.id
        except TillpostError as error:
            with suppress(TillpostError):
                book.end_run(run.id, exit_code=error.exit_code, tally=Tally())
            raise
        book.end_run(run.id, exit_code=0, tally=Tally())

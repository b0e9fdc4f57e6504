"""What a database must do to hold the ledger."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

from tillpost.records import Batch

Rows = list[tuple[Any, ...]]


class Store(ABC):
    """An open database, for one thread."""

    where: str
    """What messages call the ledger."""

    def __enter__(self) -> Self:
        """The ledger itself."""
        return self

    @abstractmethod
    def __exit__(self, *_: object) -> None:
        """Close the ledger."""

    @abstractmethod
    def snapshot(
        self, path: Path, *, since_day: int, digest_type: str = "uuid", threads: int = 1
    ) -> int:
        """Write what stands of each event key to Parquet, and say how many there are.

        Args:
            path: the file, made anew.
            since_day: what was written before this day, counted from 1970, is not read, but for
                what was forgotten.
            digest_type: what digests are to the engine that will read it: `uuid` or `varchar`.
            threads: how many it may take, where it is this process that reads.
        """

    @abstractmethod
    def copy_out(self, lines: Path) -> None:
        r"""Write all entries to a new file, in their order: CSV without a header, null as \N."""

    @abstractmethod
    def scrub(self) -> None:
        """Write everything anew, so that what was deleted is not in the files any more."""

    @abstractmethod
    def _text(
        self, statement: str, *, since_day: int = 0, digests: str = "", asked: str = ""
    ) -> str:
        """A statement with its names; the day can be nothing but a number."""

    @abstractmethod
    def _transaction(self) -> AbstractContextManager[None]:
        """All or nothing, and on disk at the end."""

    @abstractmethod
    def _add_batches(self, batches: Sequence[Batch], rows: list[list[object]]) -> list[int]:
        """Add batches, a row of parameters each, and their events; gives their entries' numbers."""

    @abstractmethod
    def _add_answers(self, rows: list[list[object]]) -> None:
        """Add answers, a row of parameters each, within a transaction."""

    @abstractmethod
    def _ask(self, statement: str, *values: object) -> Rows:
        """The rows of a statement that reads."""

    @abstractmethod
    def _do(self, statement: str, *values: object) -> int:
        """Carry out a statement that writes, within a transaction; says how many rows it wrote."""

    @abstractmethod
    def _load(self, lines: Path) -> None:
        """Make the temporary table `arrivals` of a file that `copy_out` wrote."""

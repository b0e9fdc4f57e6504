"""The ledger: what happened to each event; it only grows. A DuckDB file, or a PostgreSQL schema."""

from typing import TYPE_CHECKING, TypeAlias

from tillpost.ledger.book import Ledger
from tillpost.ledger.rows import Run, Tally

if TYPE_CHECKING:
    from tillpost.ledger.postgres import PostgresLedger

__all__ = ["Book", "Ledger", "Run", "Tally"]

Book: TypeAlias = "Ledger | PostgresLedger"
"""A ledger, wherever it lives."""

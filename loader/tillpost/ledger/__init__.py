"""The ledger: what happened to each event; it only grows. A DuckDB file, or a PostgreSQL schema."""

from tillpost.ledger.book import Book
from tillpost.ledger.duckdb import Ledger
from tillpost.ledger.rows import Entry, Question, Run, Sale, Tally

__all__ = ["Book", "Entry", "Ledger", "Question", "Run", "Sale", "Tally"]

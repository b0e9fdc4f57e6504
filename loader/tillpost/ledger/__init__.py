"""The ledger: what happened to each event, in a DuckDB file of its own that only grows."""

from tillpost.ledger.book import Ledger, Run, Tally

__all__ = ["Ledger", "Run", "Tally"]

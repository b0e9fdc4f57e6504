"""The static proof that no personal data is stored or leaves uncleared.

Trees of SQL in, values out: it knows no engine, and runs nothing.
"""

from tillpost.privacy.facts import Counts, Field, Proof, Query, Raw, Subject
from tillpost.privacy.proof import prove
from tillpost.privacy.rules import IN_CLEAR, Effect, Rule, Rules
from tillpost.privacy.scopes import Filter
from tillpost.privacy.traces import Passed

__all__ = [
    "IN_CLEAR",
    "Counts",
    "Effect",
    "Field",
    "Filter",
    "Passed",
    "Proof",
    "Query",
    "Raw",
    "Rule",
    "Rules",
    "Subject",
    "prove",
]

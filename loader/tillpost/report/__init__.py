"""All words for people: what a command did, as a terminal shows it."""

from tillpost.report.builds import build_words, test_words
from tillpost.report.explanations import explain_words
from tillpost.report.parts import part_words
from tillpost.report.progress import progress_listener
from tillpost.report.sends import send_words
from tillpost.report.tables import rows_words
from tillpost.report.unit_tests import unit_words

__all__ = [
    "build_words",
    "explain_words",
    "part_words",
    "progress_listener",
    "rows_words",
    "send_words",
    "test_words",
    "unit_words",
]

"""What a part of the project came to."""

from tillpost.pipeline.part import Part
from tillpost.report.builds import test_words
from tillpost.report.tables import table


def part_words(part: Part) -> str:
    """Each model that was built, and what the tests found."""
    rows = [(name, "view" if count is None else f"{count:,} rows") for name, count in part.models]
    words = [table(("model", "built"), rows)] if rows else ["nothing is selected"]
    words.append(test_words(part.tests))
    if part.untested:
        words.append(f"not tested, since what they read is not built: {', '.join(part.untested)}")
    if part.models:
        words.append("note: a part is never sent: tillpost build, or run, makes a whole")
    return "\n".join(words)

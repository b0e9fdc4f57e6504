"""The line that an error is about, as an editor would show it."""

from pathlib import Path

from tillpost.errors import Place, TillpostError

_WIDEST = 200


def with_excerpt(error: TillpostError) -> str:
    """The error's words, with the line below its first where the column is known.

    The line comes from the file, so that what a macro renders to is not in the way.
    """
    head, *tail = str(error).split("\n")
    return "\n".join([head, *_excerpt(error.where), *tail])


def _excerpt(where: Place | str | None) -> list[str]:
    # Of SQL only: a line of YAML may hold a password.
    if not isinstance(where, Place) or not where.column or not where.file.endswith(".sql"):
        return []
    try:
        lines = Path(where.file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    if not 0 < where.line <= len(lines):
        return []
    text = lines[where.line - 1].replace("\t", " ")
    # A text in quotes may be anybody's; and no line is worth more than a screen.
    if "'" in text or len(text) > _WIDEST:
        return []
    margin = f"  {where.line} | "
    return [f"{margin}{text}", f"{' ' * (len(margin) - 2)}| {' ' * (where.column - 1)}^"]

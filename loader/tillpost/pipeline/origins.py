"""Where an error was written, when it stands in a line with Jinja: a column, and the macros."""

import re
from collections.abc import Iterable
from dataclasses import replace

from tillpost.compiler import Compiler, Manifest
from tillpost.compiler.marks import Origin, origin
from tillpost.errors import Place, UsageError

_BLOCK = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)


def trace_back(errors: Iterable[UsageError], compiler: Compiler, manifest: Manifest) -> None:
    """Give each error its column in the file, and name the macros that it came through.

    Args:
        errors: found in the trees of the models.
        compiler: of the project.
        manifest: the models, with opaque calls.
    """
    models = {model.path: model for model in manifest.models}
    marked: dict[str, str] = {}
    for error in errors:
        place = error.where
        if not isinstance(place, Place) or not place.rendered or place.file not in models:
            continue
        model = models[place.file]
        written = compiler.settings.project.models[model.name]
        if place.file not in marked:
            try:
                marked[place.file] = compiler.marked(written)
            except UsageError:  # marks are in the way of something
                marked[place.file] = ""
        found = origin(marked[place.file], model.sql, place.rendered.start)
        if found:
            error.where = _placed(place, found, written.sql, model.sql[place.rendered])
            error.why = "\n".join(filter(None, (error.why, *_words(found, compiler))))


def _placed(place: Place, found: Origin, text: str, token: str) -> Place:
    """Where a word stands in its block, or in the SQL of its line; else where the block begins."""
    start, end = found.block or _line(text, place.line)
    where = text if found.block else _BLOCK.sub(lambda each: " " * len(each[0]), text)
    word = re.compile(rf"(?<!\w){re.escape(token)}(?!\w)")
    offsets = [each.start() for each in word.finditer(where, start, end)]
    if len(offsets) != 1 and not found.block:
        return place
    before = text[: offsets[0] if len(offsets) == 1 else start]
    column = len(before) - before.rfind("\n")
    return replace(place, line=before.count("\n") + 1, column=column, rendered=None)


def _line(text: str, number: int) -> tuple[int, int]:
    """Where a line begins and ends; a loop renders to more lines than a file has."""
    lines = [*text.splitlines(keepends=True)[:number], ""]
    end = sum(map(len, lines))
    return (end - len(lines[-2]), end) if len(lines) > number else (end, end)


def _words(found: Origin, compiler: Compiler) -> Iterable[str]:
    files = {name: file.path for file in compiler.settings.project.macros for name in file.names}
    return (f"in the macro {name} of {files[name]}" for name in found.macros if name in files)

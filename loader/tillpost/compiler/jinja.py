"""Rendering one file's Jinja, with every macro of the project at hand."""

import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, SimpleNamespace
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from tillpost.compiler.bytecode import kept_bytecode
from tillpost.compiler.limits import Sandbox
from tillpost.compiler.macros import MACROS, Library, MacroContext, Macros, Namespace
from tillpost.compiler.marks import AT, at, mark_blocks, mark_macro
from tillpost.compiler.undefined import undefined
from tillpost.errors import Place, UsageError, UsageErrors, raise_all
from tillpost.project import MacroFile

_BLOCK = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
_DEEPEST = 9  # of macros that call each other without an end
_OURS = re.compile(r"\b\w+\.<locals>\.")
OPAQUE = "opaque"
OPAQUE_PREFIX = "tillpost__"
_RENAME = "rename one of the two"

# What a mistake in somebody's Jinja raises: unknown filters, wrong arguments, 1 / 0.
_MISTAKES = (
    TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
    MemoryError,
)


def environment() -> SandboxedEnvironment:
    """A Jinja that reaches nothing but what a render hands to it."""
    kept = kept_bytecode()
    made = Sandbox(undefined=StrictUndefined, extensions=["jinja2.ext.do"], bytecode_cache=kept)
    made.context_class = MacroContext
    return made


def load_macros(jinja: SandboxedEnvironment, files: tuple[MacroFile, ...]) -> Library:
    """The template that defines each macro, by the macro's name."""
    library: dict[str, Template] = {}
    errors: list[UsageError] = []
    for file in files:
        try:
            template = _template(jinja, file.text, path=file.path, is_kept=True)
        except UsageError as error:
            errors.append(error)
            continue
        for name in file.names:
            if name in library:
                what, why = f'there are two macros named "{name}"', library[name].filename
                errors.append(
                    UsageError(what, where=file.path, why=f"the other is {why}", fix=_RENAME)
                )
            library[name] = template
    raise_all(errors)
    return library


def dispatcher(
    library: Library, context: Mapping[str, Any], *, dialect: str, path: str
) -> Callable[[str], Callable[..., str]]:
    """What finds an intrinsic's text for a dialect, outside of any render."""
    names = dict(context)
    macros = Macros(library, names, set())
    _show(macros, names, dialect=dialect, path=path)
    return _dispatch(macros, dialect, path)


def render(  # noqa: PLR0913  a text needs all of its surroundings, each by name
    jinja: SandboxedEnvironment,
    text: str,
    *,
    path: str,
    library: Library,
    context: Mapping[str, Any],
    dialect: str,
    is_kept: bool,
    called: set[str],
    is_marked: bool = False,
) -> str:
    """Render a text.

    Args:
        jinja: the environment that the library was loaded with.
        text: SQL with Jinja.
        path: its file, for messages.
        library: the project's macros.
        context: what the text may call beside them.
        dialect: whose text the intrinsics get (``duckdb``), or ``opaque``: then each renders
            as a call ``tillpost__name(…)`` that survives transpiling unchanged.
        is_kept: whether its bytecode may be kept; never what somebody typed, values and all.
        called: takes the names of the macros that were called, by others too.
        is_marked: whether what blocks and macros give is marked, see `marks`.

    Raises:
        UsageError: the Jinja is wrong; the message names file and line.
    """
    names = dict(context)
    macros = Macros(library, names, called, _mark if is_marked else None)
    _show(macros, names, dialect=dialect, path=path)
    names["tillpost"] = Namespace(macros)
    if is_marked:
        text = mark_blocks(text)
        names[AT] = at
    with _mistakes(path, library, names):
        return _template(jinja, _line_for_line(text), path=path, is_kept=is_kept).render(names)


@contextmanager
def _mistakes(path: str, library: Library, names: Mapping[str, Any]) -> Iterator[None]:
    """Tell what is wrong with a text as it is rendered, and on which of its lines."""
    try:
        yield
    except UsageError as error:
        for each in error.errors if isinstance(error, UsageErrors) else (error,):
            if each.where == path:
                each.where = _place(error, path)
                each.why = f"{each.why}\n{_macro_words(error, library)}".strip()
        raise
    except UndefinedError as error:
        known = (each for each in (*names, *library) if each != MACROS)
        told = undefined(str(error.message), known)
        told.where = _place(error, path)
        told.why = f"{told.why}\n{_macro_words(error, library)}".strip()
        raise told from None
    except SecurityError as error:
        raise UsageError(
            "this Jinja is not allowed here", where=_place(error, path), why=str(error)
        ) from None
    except _MISTAKES as error:
        why = f"{_OURS.sub('', str(error))}\n{_macro_words(error, library)}"
        raise UsageError(
            "the Jinja cannot be rendered", where=_place(error, path), why=why
        ) from None


def _template(jinja: SandboxedEnvironment, text: str, *, path: str, is_kept: bool) -> Template:
    try:
        code = _code(jinja, text, path=path, is_kept=is_kept)
    except TemplateSyntaxError as error:
        raise UsageError(
            "the Jinja cannot be read",
            where=Place(file=path, line=error.lineno),
            why=error.message or "",
        ) from None
    return Template.from_code(jinja, code, jinja.make_globals(None))


def _code(jinja: SandboxedEnvironment, text: str, *, path: str, is_kept: bool) -> CodeType:
    """The template's bytecode, taken from the cache where the same text was compiled before."""
    cache = jinja.bytecode_cache if is_kept else None
    # What the sandbox checks is compiled in: other checks are other code.
    # One YAML file holds many texts, each with a place of its own: else they would oust each other.
    place = path if path.endswith(".sql") else text
    bucket = cache and cache.get_bucket(
        jinja, path, place, f"{sorted(jinja.intercepted_binops)}{text}"
    )
    if bucket and bucket.code:
        return bucket.code
    code = jinja.compile(text, name=path, filename=path)
    if cache and bucket:
        bucket.code = code
        cache.set_bucket(bucket)
    return code


def _line_for_line(text: str) -> str:
    """Give each block of Jinja as many lines in the SQL as it has in the file.

    So an engine's line is the file's line; macros render to a single one.
    """
    return _BLOCK.sub(_with_its_lines, text)


def _with_its_lines(block: re.Match[str]) -> str:
    """The block, and behind it what renders to its newlines without being any in the template."""
    newlines = block[0].count("\n")
    return block[0] + (f"{{{{ '\\n' * {newlines} }}}}" if newlines else "")


def _show(macros: Macros, names: dict[str, Any], *, dialect: str, path: str) -> None:
    """Put the macros into the names that a text, and they themselves, see."""
    names[MACROS] = macros
    names["adapter"] = SimpleNamespace(dispatch=_dispatch(macros, dialect, path))


def _mark(name: str, text: str) -> str:
    """Mark what a macro gives; an intrinsic is named by its call, and what is empty stays so."""
    is_named = not text or text.startswith(f"{OPAQUE_PREFIX}{name}(")
    return text if is_named else mark_macro(name, text)


def _dispatch(macros: Macros, dialect: str, path: str) -> Callable[..., Callable[..., str]]:
    def dispatch(name: str, _package: str | None = None) -> Callable[..., str]:
        if dialect == OPAQUE:
            return lambda *args: f"{OPAQUE_PREFIX}{name}({', '.join(str(arg) for arg in args)})"
        found = macros.get(f"{dialect}__{name}") or macros.get(f"default__{name}")
        if found is None:
            raise UsageError(f"{name} has no text for {dialect}", where=path)
        return found

    return dispatch


def _place(error: BaseException, path: str) -> Place:
    """The deepest line of the text itself in the traceback; a text in YAML has none of its own."""
    if ".yml " in path or ".yaml " in path:
        return Place(file=path)
    return next(_frames(error, {path}), Place(file=path))


def _macro_words(error: BaseException, library: Library) -> str:
    """In which macros it went wrong, the outermost first."""
    files = {str(template.filename) for template in library.values()}
    found = dict.fromkeys(str(place) for place in _frames(error, files))
    return "\n".join(f"in the macro of {place}" for place in list(found)[_DEEPEST::-1])


def _frames(error: BaseException, files: set[str]) -> Iterator[Place]:
    """Where the traceback passes these files, the deepest place first."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in files:
            yield Place(file=frame.filename, line=frame.lineno or 0)

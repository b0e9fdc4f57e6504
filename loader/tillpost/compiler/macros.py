"""The macros of a project as a text sees them: hundreds, of which it calls a few."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from jinja2 import Template
from jinja2.runtime import Context

from tillpost.project.data_tests import CUSTOM

Library = Mapping[str, Template]
Mark = Callable[[str, str], str]
MACROS = " macros"
"""Where a context has them; no text can name it."""


class Macros:
    """Each is bound when it is asked for first; they see the same names as the text."""

    def __init__(
        self, library: Library, names: dict[str, Any], called: set[str], mark: Mark | None = None
    ) -> None:
        """Remember the names, and whom to tell what is called."""
        self._library = library
        self._names = names
        self._called = called
        self._mark = mark
        self._calls: dict[str, Callable[..., str]] = {}
        self._bound: dict[str, Callable[..., object]] = {}

    def __contains__(self, name: object) -> bool:
        """Whether there is such a macro."""
        return name in self._library

    def get(self, name: str) -> Callable[..., str] | None:
        """What calls a macro, if there is one."""
        if name in self._library and name not in self._calls:
            self._calls[name] = partial(self._call, name)
        return self._calls.get(name)

    def _call(self, name: str, *args: object, **kwargs: object) -> str:
        if name not in self._bound:
            self._bound[name] = getattr(self._library[name].make_module(self._names), name)
            self._called.add(name)
        text = str(self._bound[name](*args, **kwargs))
        if name.startswith(CUSTOM):
            return text  # all of a test's SQL, with comments that end with their lines
        text = " ".join(line.strip() for line in text.split("\n")).strip()
        return self._mark(name, text) if self._mark else text


class Namespace:
    """The macros with the project's name before theirs."""

    def __init__(self, macros: Macros) -> None:
        """Remember them."""
        self._macros = macros

    def __getattr__(self, name: str) -> Callable[..., str]:
        """A macro."""
        found = None if name.startswith("_") else self._macros.get(name)
        if found is None:
            raise AttributeError(name)
        return found


class MacroContext(Context):
    """Looks names up as Jinja does; a macro goes before what the context is made of."""

    def resolve_or_missing(self, key: str) -> Any:  # noqa: ANN401  as Jinja's own
        """What a name stands for."""
        macros = self.parent.get(MACROS)
        if macros and key not in self.vars and key in macros:
            return macros.get(key)
        return super().resolve_or_missing(key)

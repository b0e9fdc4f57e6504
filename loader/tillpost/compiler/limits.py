"""Jinja's sandbox, in which a few characters cannot ask for all of the memory."""

import re
from collections.abc import Callable
from typing import Any

from jinja2 import filters
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

LONGEST = 1_000_000
"""Characters of a text, items of a list, digits of a number: no SQL needs more."""

_WIDTH = re.compile(r"\{[^{}]*:[^{}]*\d{5,}[^{}]*\}|%[-+ #0.]*\d{5,}")
_INNER = re.compile(r"\{[^{}]*\{")
_METHODS = ("center", "ljust", "rjust", "zfill", "expandtabs")
_SIZED = ("center", "indent", "format", "wordwrap", "batch", "slice")


class Sandbox(SandboxedEnvironment):
    """A sandbox that measures what multiplies before it does."""

    intercepted_binops = frozenset(("*", "**", "%", "+"))

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  as Jinja's own
        """As Jinja's, without the text of Lorem ipsum."""
        super().__init__(**settings)
        self.globals.pop("lipsum", None)
        self.filters |= {name: _measured(self.filters[name]) for name in _SIZED}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        """Compute, unless the result would be far too large."""
        if _size(operator, left, right) > LONGEST:
            message = f"{operator} would make something of more than {LONGEST:,} characters"
            raise SecurityError(message)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Call, but for a text's own methods with widths beyond all reason."""
        if isinstance(getattr(obj, "__self__", None), str) and obj.__name__ in _METHODS:
            _require_narrow("", args, kwargs)
        return super().call(context, obj, *args, **kwargs)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401
        """As Jinja's own, which lets a format reach no attributes, and with sane widths."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None

        def measured(*args: Any, **kwargs: Any) -> str:  # noqa: ANN401
            _require_narrow(value.__self__, args, kwargs)
            return wrapped(*args, **kwargs)

        return measured


def _size(operator: str, left: object, right: object) -> float:
    """How long the result may become at most."""
    sizes = [len(each) for each in (left, right) if isinstance(each, str | list | tuple)]
    numbers = [each for each in (left, right) if isinstance(each, int | float)]
    match operator:
        case "*" if sizes and numbers:
            return sizes[0] * numbers[0]
        case "**" if len(numbers) == len((left, right)):
            digits = len(str(left)) if isinstance(left, int) else 1
            return digits * abs(numbers[1])
        case "%" if isinstance(left, str):
            return LONGEST + 1 if _WIDTH.search(left) or "*" in left else len(left)
        case _:
            return sum(sizes)


def _measured(call: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that takes no widths beyond all reason."""

    def measured(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        _require_narrow(args[0] if call is filters.do_format else "", args, kwargs)
        return call(*args, **kwargs)

    vars(measured).update(vars(call))  # how Jinja passes its own arguments
    return measured


def _require_narrow(text: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuse a width that stands in a format, or is given beside it."""
    # Beside a format stand values, unless it asks for a width.
    is_value = text and not ("*" in str(text) or _INNER.search(str(text)))
    given = () if is_value else (*args, *kwargs.values())
    widths = [each for each in given if isinstance(each, int)]
    if max(widths, default=0) > LONGEST or _WIDTH.search(str(text)):
        raise SecurityError(f"no width is more than {LONGEST:,}")

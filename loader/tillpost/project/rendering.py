"""Jinja in a profile: ``env_var`` is all that it may use."""

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tillpost.errors import UsageError, raise_all

_MISTAKES = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


def render(value: str, environ: Mapping[str, str], *, where: str) -> str:
    """Render a value's Jinja; ``env_var`` is all that it may use."""

    def env_var(name: str, default: str | None = None) -> str:
        found = environ.get(name, default)
        if found is None:
            raise UsageError(
                f"the environment variable {name} is not set", where=where, fix=f"export {name}=…"
            )
        return found

    if "{" not in value:
        return value
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    environment.globals.clear()
    try:
        return environment.from_string(value).render(env_var=env_var)
    except TemplateError as error:
        raise UsageError(
            "the Jinja in it cannot be rendered", where=where, why=str(error)
        ) from None
    except _MISTAKES as error:
        # Such a message may quote a value, and so a secret.
        why = type(error).__name__
        raise UsageError("the Jinja in it cannot be rendered", where=where, why=why) from None


def render_all(values: dict[str, Any], environ: Mapping[str, str], *, where: str) -> dict[str, Any]:
    """Every text in a block, rendered; all missing variables are told at once."""
    errors: list[UsageError] = []

    def walk(value: object, path: str) -> object:
        if isinstance(value, dict):
            return {key: walk(item, f"{path}.{key}") for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item, path) for item in value]
        if isinstance(value, str):
            try:
                return render(value, environ, where=path)
            except UsageError as error:
                errors.append(error)
        return value

    rendered = {key: walk(value, f"{where}.{key}") for key, value in values.items()}
    raise_all(errors)
    return rendered

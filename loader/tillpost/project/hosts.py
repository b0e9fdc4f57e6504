"""Which hosts a profile may name: one that came with a project must not choose where data goes."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tillpost.errors import UsageError

META = "graph.facebook.com"
_HERE = re.compile(r"localhost|127(\.\d+){3}|::1|/.*|")
_FROM_ENVIRONMENT = re.compile(r"{{\s*env_var\(\s*(['\"])(?P<name>\w+)\1\s*(,[^{}]*)?\)\s*}}")
_FIX = "move it to ~/.dbt/profiles.yml, or take the whole value from the environment: env_var('…')"


def is_here(value: object) -> bool:
    """Whether a host or an address is this machine."""
    return _HERE.fullmatch(_host(str(value or ""))) is not None


def is_meta(value: object) -> bool:
    """Whether a host or an address is Meta's."""
    return _host(str(value or "")) == META


def host_error(
    raw: object, rendered: object, *, environ: Mapping[str, str], where: str
) -> UsageError | None:
    """What is wrong with a host or an address in a profile that lies in the project's folder.

    Args:
        raw: as it stands in the file.
        rendered: what it says.
        environ: what the user chose it from, where it is no constant.
        where: its place.
    """
    host = _host(str(rendered or ""))
    if is_here(rendered) or host == META or _is_chosen(str(raw), str(rendered), environ):
        return None
    return UsageError(
        "a profile in the project's own folder may not name this host",
        where=where,
        why=f"to {host} data and secrets would go, and the profile may have come with the project",
        fix=_FIX,
    )


def output_host_errors(
    raw: Mapping[str, Any], rendered: Mapping[str, Any], *, environ: Mapping[str, str], where: str
) -> list[UsageError]:
    """The same for each host of an output but its edge's."""
    found = []
    for path in (("host",), ("url",), ("ledger", "host"), ("alerts", "url")):
        one, other = _at(raw, path), _at(rendered, path)
        here = ".".join((where, *path))
        error = host_error(one, other, environ=environ, where=here)
        found += [error] if error else []
    return found


def _at(block: object, path: tuple[str, ...]) -> object:
    for key in path:
        block = block.get(key) if isinstance(block, Mapping) else None
    return block


def _is_chosen(raw: str, rendered: str, environ: Mapping[str, str]) -> bool:
    found = _FROM_ENVIRONMENT.fullmatch(raw.strip())
    return found is not None and environ.get(found["name"]) == rendered


def _host(value: str) -> str:
    if "://" not in value:
        return value
    try:
        return urlsplit(value).hostname or value
    except ValueError:
        return value

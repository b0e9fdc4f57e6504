"""What no text may hold: secrets are named here once, and every text is cleaned on its way out."""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"
SHORTEST = 8
"""A shorter text stands in too many words by chance."""

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|KEY|CREDENTIAL|PAT|DSN|JWT|COOKIE"
    r"|WEBHOOK|CONNECTION_STRING)S?(?:_|$)|PASSWORD$",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")
_forms: set[str] = set()
_found: re.Pattern[str] | None = None


def is_secret_name(name: str) -> bool:
    """Whether an environment variable of this name is taken for a secret."""
    return bool(_SECRET_NAME.search(name))


def passwords_in(text: str) -> list[str]:
    """The passwords in the addresses of a text."""
    return _IN_ADDRESS.findall(text)


def secrets_of(environ: Mapping[str, str]) -> Iterator[str]:
    """The values of all environment variables that are taken for secrets, passwords of the rest."""
    for name, value in environ.items():
        yield from [value] if is_secret_name(name) else passwords_in(value)


def hide(secrets: Iterable[str]) -> None:
    """Let no text out any more that holds one of these, in any form that a text may give it."""
    global _found  # noqa: PLW0603  what is secret in a process is so everywhere in it
    new = {form for each in secrets if len(each) >= SHORTEST for form in _forms_of(each)} - _forms
    if new:
        _forms.update(new)
        longest_first = sorted(_forms, key=len, reverse=True)
        _found = re.compile("|".join(re.escape(form) for form in longest_first))


def redact(text: str) -> str:
    """The text, with every secret in it hidden."""
    return _found.sub(HIDDEN, text) if _found else text


def _forms_of(secret: str) -> set[str]:
    """As it is, and as URLs, JSON, HTML, hexadecimal and base64 write it."""
    raw = secret.encode(errors="surrogateescape")
    whole = {
        secret,
        quote(raw, ""),
        quote(raw, "").lower(),
        quote_plus(raw),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        raw.hex(),
        raw.hex().upper(),
    }
    return whole | {form for encode in (_standard, _for_urls) for form in _in_base64(raw, encode)}


def _standard(raw: bytes) -> bytes:
    return base64.b64encode(raw)


def _for_urls(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw)


def _in_base64(raw: bytes, encode: Callable[[bytes], bytes]) -> Iterator[str]:
    """What of the secret alone stands in the base64 of a text that holds it, wherever in it."""
    for before, start in enumerate((0, 2, 3)):
        text = encode(b"\0" * before + raw).decode()
        yield text[start : (before + len(raw)) * 8 // 6]


class Clean:
    """A stream of text that hides secrets; for the rest it is the stream that it stands for."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401  a stream of any kind
        """Write to this stream."""
        self._stream = stream
        self.buffer = _CleanBytes(stream.buffer) if hasattr(stream, "buffer") else None

    def write(self, text: str) -> int:
        """Write what may be seen of the text."""
        self._stream.write(redact(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write them all."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Whatever else the stream has."""
        return getattr(self._stream, name)


class _CleanBytes:
    """The same for whoever writes bytes."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401
        self._stream = stream

    def write(self, content: bytes) -> int:
        text = bytes(content).decode(errors="surrogateescape")
        self._stream.write(redact(text).encode(errors="surrogateescape"))
        return len(content)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._stream, name)

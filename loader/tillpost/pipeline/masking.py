"""Hiding personal values in what is shown or written down for people."""

import re

_HASH = r"\b[0-9a-f]{64}\b"
_HASH_OR_KEY = rf'{_HASH}|"\w+":'
_ADDRESS = re.compile(r"[^\s\"@]+@[^\s\"@]+")


def mask(value: object, *, wholly: bool) -> object:
    """A value by its shape; hashes and JSON's keys say nothing and stay, addresses never do."""
    if value is None:
        return None
    text = without_addresses(str(value))
    if not wholly:
        return text
    kept = _HASH_OR_KEY if text.startswith("{") else _HASH
    return re.sub(rf"({kept})|\w+", lambda word: word[1] or "***", text)


def without_addresses(text: str) -> str:
    """A text whose e-mail addresses are hidden: a receipt's number may be one."""
    return _ADDRESS.sub("***@***", text)

"""How the sandbox says no: every code and title it can answer with, in one place.

The words name keys and places, never a value: a value may be somebody's.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A way to be refused; ``subcode`` is missing where Meta documents none."""

    code: int
    subcode: int | None = None
    title: str
    status: int = 400
    is_transient: bool = False


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One refusal: its kind, and what is wrong where."""

    kind: Kind
    words: str

    def __str__(self) -> str:
        """Code, subcode and words, for the line that a person reads."""
        code = f"{self.kind.code}/{self.kind.subcode}" if self.kind.subcode else f"{self.kind.code}"
        return f"refused, {code}: {self.words}"


class RefusedError(Exception):
    """Carries a refusal to where requests are answered; nothing of the request is kept."""

    def __init__(self, kind: Kind, words: str) -> None:
        """Refuse for this kind of reason; the words say what is wrong where."""
        super().__init__(words)
        self.refusal = Refusal(kind=kind, words=words)


TOKEN = Kind(code=190, title="Invalid access token", status=401)
PERMISSION = Kind(code=200, title="No permission to read", status=403)
VERSION = Kind(code=2635, title="Version not served")
PATH = Kind(code=2500, title="Unknown path", status=404)
DATASET = Kind(code=100, subcode=33, title="Dataset unknown")
REQUEST = Kind(code=100, title="Invalid parameter")
SCHEMA = Kind(code=100, subcode=2804019, title="Invalid event")
TIME = Kind(code=100, subcode=2804003, title="Event time out of range")
BROAD = Kind(code=100, subcode=2804050, title="Not enough customer information")
VALUE = Kind(code=100, subcode=2804009, title="Purchase without value")
CURRENCY = Kind(code=100, subcode=2804010, title="Purchase without currency")
LEAD = Kind(code=100, subcode=2804036, title="Invalid lead_id")

_DOWN = "Service temporarily unavailable"
TEMPORARY = tuple(
    Kind(code=code, title=_DOWN, status=status, is_transient=True)
    for code, status in ((2, 500), (2, 503), (1, 500))
)
THROTTLED = tuple(
    Kind(code=code, title="Request limit reached", is_transient=True)
    for code in (4, 17, 32, 613, 80004)
)

Step = str | int

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")


def shown(key: str) -> str:
    """A key as it may be repeated: what is no plain name could be data."""
    return key if _NAME.fullmatch(key) else "?"


def place(*steps: Step) -> str:
    """A place in the request as Meta writes it: ``$['data'][0]['user_data']``."""
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else f"['{shown(step)}']" for step in steps
    )


def error_body(refusal: Refusal, *, trace: str) -> dict[str, object]:
    """The JSON that Meta answers with; as there, a subcode is absent where there is none."""
    subcode = {"error_subcode": refusal.kind.subcode} if refusal.kind.subcode else {}
    return {
        "error": {
            "message": refusal.words,
            "type": "OAuthException",
            "code": refusal.kind.code,
            **subcode,
            "is_transient": refusal.kind.is_transient,
            "error_user_title": refusal.kind.title,
            "error_user_msg": refusal.words,
            "fbtrace_id": trace,
        }
    }

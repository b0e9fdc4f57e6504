"""What can go wrong, as a user should hear it.

    TillpostError
    ├── UsageError        2   the command, the project, the profile or the data cannot be used
    ├── CheckFailed       1   a test failed, or the buckets do not add up
    │   └── PrivacyBreach     something was about to leave that must not
    ├── EventsRefused     3   the edge refused events; the rest went
    ├── TryLater          4   nothing is wrong here: try again later
    │   ├── EdgeUnreachable   the edge does not answer, or throttles
    │   └── Locked            another run holds the lock
    └── NotAllowed        5   the token or its permissions

Each error says where, what, why and what to do; its exit code is the command's.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Place:
    """A spot in a file: ``line`` and ``column`` count from 1, 0 means not known.

    ``rendered`` is the part of the rendered SQL that it is about, where its column is not known.
    """

    file: str
    line: int = 0
    column: int = 0
    rendered: slice | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """The place as editors understand it: ``file:line:column``."""
        return ":".join(
            [self.file, *(str(number) for number in (self.line, self.column) if number)]
        )


class TillpostError(Exception):
    """Something a person can act on.

    Args:
        what: one sentence, without the place.
        where: the place in a file, or the name of what it is about.
        why: what was found instead, what it has, what answered.
        fix: what to do now.
    """

    exit_code = 70

    def __init__(
        self, what: str, *, where: Place | str | None = None, why: str = "", fix: str = ""
    ) -> None:
        """Keep the parts; ``str`` puts them together."""
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        """Up to three lines: where and what, why, what to do."""
        head = f"{self.where}  {self.what}" if self.where else self.what
        tail = [line for line in self.why.splitlines() if line]
        tail += [f"try: {self.fix}"] if self.fix else []
        return "\n  ".join([head, *tail])


class UsageError(TillpostError):
    """The command, the project, the profile or the data cannot be used as it is."""

    exit_code = 2


class UsageErrors(UsageError):
    """Several at once, since nobody wants to hear of them one at a time."""

    errors: "tuple[UsageError, ...]"

    def __init__(self, errors: list[UsageError]) -> None:
        """Keep them; those that are several themselves are taken apart."""
        flat = [
            each
            for error in errors
            for each in (error.errors if isinstance(error, UsageErrors) else (error,))
        ]
        super().__init__(f"{len(flat)} problems")
        self.errors = tuple(flat)

    def __str__(self) -> str:
        """Each problem as it would read alone, with a blank line between."""
        return "\n\n".join(str(error) for error in self.errors)


class CheckFailed(TillpostError):
    """A test failed, or the buckets do not add up: nothing may be sent."""

    exit_code = 1


class PrivacyBreach(CheckFailed):
    """Something was about to leave that must not: personal data, or what is no hash of it."""


class EventsRefused(TillpostError):
    """The edge refused events; the others went."""

    exit_code = 3


class TryLater(TillpostError):
    """Nothing is wrong here; the same command may succeed later."""

    exit_code = 4


class EdgeUnreachable(TryLater):
    """The edge does not answer, or throttles for longer than we wait."""


class Locked(TryLater):
    """Another run holds the lock."""


class NotAllowed(TillpostError):
    """The token is missing, wrong or has no right to this."""

    exit_code = 5


def raise_all(errors: list[UsageError]) -> None:
    """Raise what was collected: nothing, the one, or all at once."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise UsageErrors(errors)

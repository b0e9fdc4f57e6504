"""What became of the events of one run, and what a command should say and return of it."""

from dataclasses import dataclass, field

from tillpost.errors import (
    EdgeUnreachable,
    EventsRefused,
    NotAllowed,
    TillpostError,
    UsageError,
)
from tillpost.records import Answer, Batch, Fault, Outcome


@dataclass(kw_only=True)
class SendSummary:
    """What became of the events of one run; counts are events, ``answers`` the ones that matter."""

    run_id: str
    pending: int = 0
    accepted: int = 0
    refused: int = 0
    returned: int = 0
    uncertain: int = 0
    expired: int = 0
    requests: int = 0
    interrupted: bool = False
    warnings: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def count(self, batch: Batch, answer: Answer) -> None:
        """Add one batch's answer."""
        self.requests += 1
        events = len(batch.event_keys)
        name = answer.outcome.value
        setattr(self, name, getattr(self, name) + events)
        self.warnings += [words for words in answer.warnings if words not in self.warnings]
        if answer.outcome is not Outcome.accepted:
            self.answers.append(answer)

    @property
    def exit_code(self) -> int:
        """The command's exit code."""
        try:
            self.require_success()
        except TillpostError as error:
            return error.exit_code
        return 0

    def require_success(self) -> None:
        """Raise what the exit code should say, the worst first."""
        faults = {answer.fault: answer for answer in reversed(self.answers)}
        for fault in (Fault.token, Fault.permission):
            if fault in faults:
                raise NotAllowed(
                    f"the edge refuses the {fault.value}",
                    why=_words(faults[fault]),
                    fix="a token with ads_management rights on this dataset, from Events Manager",
                )
        if Fault.dataset in faults:
            raise UsageError(
                "the edge takes nothing for this dataset",
                why=_words(faults[Fault.dataset]),
                fix="mend vars.dataset_id in dbt_project.yml or edge.version in the profile,"
                " or give the token access to the dataset",
            )
        if self.refused:
            raise EventsRefused(
                f"the edge refused {self.refused:,} events in whole requests",
                why=_words(next(a for a in self.answers if a.outcome is Outcome.refused)),
                fix="mend the data it names; refused events go again when their payload changes",
            )
        if self.interrupted and self.accepted < self.pending:
            raise EdgeUnreachable(
                f"stopped on request after {self.accepted:,} of {self.pending:,} events",
                fix="tillpost run: it goes on where this one stopped",
            )
        if self.returned or self.uncertain:
            raise EdgeUnreachable(
                f"{self.returned + self.uncertain:,} events could not be delivered",
                why=_words(self.answers[0]),
                fix="tillpost run, later: nothing is lost, nothing goes twice",
            )


def _words(answer: Answer) -> str:
    codes = "/".join(str(each) for each in (answer.code, answer.subcode) if each is not None)
    trace = f"fbtrace_id {answer.fbtrace_id}" if answer.fbtrace_id else ""
    return "\n".join(each for each in (f"{codes} {answer.message}".strip(), trace) if each)

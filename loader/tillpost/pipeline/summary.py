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

_MOST_WARNINGS = 20
_LIST = "tillpost ledger list --state refused"


@dataclass(kw_only=True)
class SendSummary:
    """What became of the events of one run; counts are events.

    ``warned`` are accepted events in whose answer the edge put a warning. ``answers`` holds one of
    each kind that was no success, ``refused_by`` counts refused events by code and subcode.
    ``since_plan`` counts planned events that do not go any more, in words. ``met``
    are the datasets by the faults that they met with, `none` too.
    """

    run_id: str
    pending: int = 0
    accepted: int = 0
    warned: int = 0
    refused: int = 0
    returned: int = 0
    uncertain: int = 0
    expired: int = 0
    requests: int = 0
    is_interrupted: bool = False
    is_out_of_time: bool = False
    is_broken: bool = False
    without_token: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refused_by: dict[str, int] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    met: dict[str, list[str]] = field(default_factory=dict)
    since_plan: dict[str, int] = field(default_factory=dict)

    def count(self, batch: Batch, answer: Answer) -> None:
        """Add one batch's answer; what was not tried is left."""
        if not answer.attempts:
            return
        events = len(batch.events)
        self.requests += answer.attempts
        met = self.met.setdefault(answer.fault.value, [])
        met += [] if batch.dataset_id in met else [batch.dataset_id]
        name = answer.outcome.value
        setattr(self, name, getattr(self, name) + events)
        new = [words for words in answer.warnings if words not in self.warnings]
        self.warnings += new[: _MOST_WARNINGS - len(self.warnings)]
        if answer.outcome is Outcome.accepted:
            self.warned += events if answer.warnings else 0
            return
        if answer.outcome is Outcome.refused:
            self.refused_by[codes(answer)] = self.refused_by.get(codes(answer), 0) + events
        kinds = {(each.outcome, each.fault, each.code, each.subcode) for each in self.answers}
        if (answer.outcome, answer.fault, answer.code, answer.subcode) not in kinds:
            self.answers.append(answer)

    @property
    def left(self) -> int:
        """Events that were not begun: they are pending still."""
        settled = self.accepted + self.refused + self.returned + self.uncertain + self.expired
        return max(0, self.pending - settled)

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
        self._require_rights(faults)
        if Fault.dataset in faults:
            raise UsageError(
                "the edge takes nothing for this dataset",
                why=self._said(faults[Fault.dataset]),
                fix="mend vars.dataset_id in dbt_project.yml or edge.version in the profile,"
                " or give the token access to the dataset",
            )
        self._require_good_events()
        self._require_end(faults)

    def _said(self, answer: Answer) -> str:
        """What the edge said, and of which datasets where there are several."""
        several = len({name for names in self.met.values() for name in names}) > 1
        its = ", ".join(sorted(self.met.get(answer.fault.value, ())))
        return f"{_words(answer)}\ndatasets: {its}" if several else _words(answer)

    def _require_rights(self, faults: dict[Fault, Answer]) -> None:
        for fault in (Fault.token, Fault.permission):
            if fault in faults:
                raise NotAllowed(
                    f"the edge refuses the {fault.value}",
                    why=self._said(faults[fault]),
                    fix="a token with ads_management rights on this dataset, from Events Manager",
                )
        if Fault.blocked in faults:
            raise NotAllowed(
                "the edge has blocked this account or app for now",
                why=_words(faults[Fault.blocked]),
                fix="see what Account Quality in Meta Business Suite says before the next run",
            )
        if self.without_token:
            raise NotAllowed(
                "there is no access token for some datasets",
                why=f"datasets: {', '.join(sorted(set(self.without_token)))}",
                fix="edge.datasets in the profile, or an access_token for all the others",
            )

    def _require_good_events(self) -> None:
        words = [_words(each) for each in self.answers if each.outcome is Outcome.refused]
        if self.is_broken:
            raise EventsRefused(
                f"stopped: the edge refused {self.refused:,} of"
                f" {self.refused + self.accepted:,} events",
                why="\n".join(words[:1]),
                fix=f"{_LIST}, mend the data, tillpost run; edge.max_refused_share is the limit",
            )
        if self.refused:
            open_still = self.returned + self.uncertain
            others = f"{open_still:,} could not be delivered" if open_still else "the others went"
            others = f"{self.left:,} were not tried" if self.left else others
            raise EventsRefused(
                f"the edge refused {self.refused:,} events; {others}",
                why="\n".join(words[:1]),
                fix=f"{_LIST}, mend the data it names; they go again when their payload changes",
            )

    def _require_end(self, faults: dict[Fault, Answer]) -> None:
        if self.is_interrupted and self.left:
            raise EdgeUnreachable(
                f"stopped on request after {self.accepted:,} of {self.pending:,} events",
                fix="tillpost run: it goes on where this one stopped",
            )
        if self.is_out_of_time and self.left:
            raise EdgeUnreachable(
                f"out of time after {self.accepted:,} of {self.pending:,} events",
                why=_words(next(iter(faults.values()))) if faults else "",
                fix="tillpost run, later: it goes on where this one stopped",
            )
        if self.returned or self.uncertain:
            raise EdgeUnreachable(
                f"{self.returned + self.uncertain:,} events could not be delivered",
                why=_words(self.answers[0]),
                fix="tillpost run, later: nothing is lost, nothing goes twice",
            )
        if self.left:
            raise EdgeUnreachable(
                f"{self.left:,} events were not begun",
                fix="tillpost run: they go with the next run",
            )
        if self.warned:
            raise EventsRefused(
                f"the edge warned about requests with {self.warned:,} events, which it received",
                why="\n".join(self.warnings[:3]),
                fix="see what it says; these events do not go again",
            )


def codes(answer: Answer) -> str:
    """Code and subcode, as far as there are any."""
    return "/".join(str(each) for each in (answer.code, answer.subcode) if each is not None)


def _words(answer: Answer) -> str:
    trace = f"fbtrace_id {answer.fbtrace_id}" if answer.fbtrace_id else ""
    return "\n".join(each for each in (f"{codes(answer)} {answer.message}".strip(), trace) if each)

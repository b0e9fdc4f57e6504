"""Meta's counts beside the ledger's: for a terminal, and for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from tillpost.pipeline.reconcile import GOOD_QUALITY, Compared, Kind, Quality, Reconciliation
from tillpost.report.sums import plural, shown
from tillpost.report.tables import table

_FORMAT = 1
_WEAK = 50.0
"""Per cent of events with a key below which the key is worth a look."""
_SAYS = {
    Kind.fewer: (
        "Meta counts {events} fewer than it accepted",
        "tillpost why --event-key … for the answers' fbtrace_id, and show them to Meta",
    ),
    Kind.arrived: (
        "{events} that got no answer arrived all the same",
        "tillpost ledger resolve --assume accepted, where none is missing",
    ),
    Kind.more: (
        "Meta counts {events} more than left from here",
        "find who else sends under this upload tag: a copy of the ledger, or another tool",
    ),
}


def reconciliation_words(found: Reconciliation) -> str:
    """Each upload on both sides, then what differs and what to do, then the quality."""
    if not found.compared:
        return f"nothing left since {shown(found.since)}: there is nothing to compare"
    parts = [_uploads(found)]
    parts += _differences(found)
    parts += [_quality(found.qualities)] if found.qualities else []
    parts.append(_verdict(found))
    return "\n\n".join(parts)


def reconciliation_json(found: Reconciliation) -> str:
    """The same for programs."""
    content = {
        "format": _FORMAT,
        **asdict(found),
        "compared": [
            {**asdict(each), "kind": each.kind.name, "is_difference": each.kind.is_difference}
            for each in found.compared
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _uploads(found: Reconciliation) -> str:
    rows = [
        (
            each.upload.run_id,
            each.upload.dataset_id,
            each.upload.accepted,
            each.upload.unanswered,
            each.upload.refused,
            "" if each.meta is None else each.meta.valid,
            "" if each.meta is None else each.meta.matched,
            "" if each.meta is None else each.meta.duplicate,
            each.kind.value,
        )
        for each in found.compared
    ]
    ours = ("upload", "dataset", "accepted", "no answer", "refused")
    return table((*ours, "Meta: valid", "matched", "duplicate", ""), rows)


def _differences(found: Reconciliation) -> Iterator[str]:
    for each in found.differences:
        what, fix = _SAYS[each.kind]
        words = what.format(events=plural(each.events, "event"))
        yield f"{each.upload.run_id}, dataset {each.upload.dataset_id}: {words}\n  try: {fix}"
    for each in found.compared:
        if each.meta and each.meta.duplicate:
            yield _duplicates(each, each.meta.duplicate)


def _duplicates(compared: Compared, number: int) -> str:
    return (
        f"{compared.upload.run_id}: {plural(number, 'event')} Meta had already, and counts once."
        " After a request without an answer that is as it should be"
    )


def _quality(qualities: tuple[Quality, ...]) -> str:
    rows = [
        (
            each.dataset_id,
            each.event_name,
            *(_score(score) for score in (each.composite, each.frequency, each.freshness)),
            _weak(each),
        )
        for each in qualities
    ]
    names = ("dataset", "event", "composite", "frequency", "freshness", "keys that few have")
    words = table(names, rows)
    low = [each for each in qualities if each.composite is not None and _is_low(each)]
    if not low:
        return words
    return f"{words}\nnote: {GOOD_QUALITY} and up unlocks omnichannel ads"


def _is_low(quality: Quality) -> bool:
    return quality.composite is not None and quality.composite < GOOD_QUALITY


def _score(score: float | None) -> str:
    return "not told" if score is None else f"{score:.1f}"


def _weak(quality: Quality) -> str:
    weak = {key: share for key, share in quality.coverage.items() if share < _WEAK}
    return ", ".join(f"{key} {share:.0f} %" for key, share in sorted(weak.items()))


def _verdict(found: Reconciliation) -> str:
    number = len(found.differences)
    if number:
        return f"{plural(number, 'upload')} of {len(found.compared):,} differ"
    agreed = sum(each.kind is Kind.agrees for each in found.compared)
    waiting = sum(each.kind is Kind.not_yet for each in found.compared)
    words = [f"{agreed:,} of {plural(len(found.compared), 'upload')} agree"]
    words += [f"{waiting:,} not counted yet"] if waiting else []
    unread = sum(each.kind is Kind.unread for each in found.compared)
    words += [f"{unread:,} cannot be read"] if unread else []
    return ", ".join(words)

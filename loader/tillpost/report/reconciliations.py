"""Meta's counts beside the ledger's: for a terminal, and for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from tillpost.pipeline.meta_counts import GOOD_QUALITY, Entries, Quality
from tillpost.pipeline.reconcile import Compared, Kind, Reconciliation
from tillpost.report.sums import plural, shown
from tillpost.report.tables import table

_FORMAT = 1
_WEAK = 50.0
"""Per cent of events with a key below which the key is worth a look."""
_SAYS = {
    Kind.unknown: (
        "Meta knows no such upload, and {events} were accepted",
        "see that it is the right dataset, then show Meta the fbtrace_id of tillpost why",
    ),
    Kind.fewer: (
        "Meta counts {events} fewer than it accepted",
        "tillpost why --event-key … for the answers' fbtrace_id, and show them to Meta",
    ),
    Kind.arrived: (
        "{events} that got no answer arrived all the same",
        "tillpost ledger resolve --assume accepted --all, where none is missing",
    ),
    Kind.more: (
        "Meta counts {events} more than left from here",
        "find who else sends under this upload tag: a copy of the ledger, or another tool",
    ),
    Kind.twice: (
        "Meta had {events} already, and not from this ledger",
        "find who else sends these sales: after seven days they would count twice",
    ),
}
_MENDS = {
    "match_key": "more sales with e-mail, phone or mobile ad id; see tillpost report",
    "frequency": "send each day or hour: on 12 of the last 14 days at least",
    "freshness": "send sales before they are 3 days old",
}


def reconciliation_words(found: Reconciliation) -> str:
    """Each upload on both sides, then what differs and what to do, then the quality."""
    if not found.compared:
        return f"nothing left since {shown(found.since)}: there is nothing to compare"
    parts = [_uploads(found)]
    parts += _differences(found)
    parts += _quality(found)
    parts.append(_verdict(found))
    return "\n\n".join(parts)


def reconciliation_json(found: Reconciliation) -> str:
    """The same for programs."""
    content = {
        "format": _FORMAT,
        **asdict(found),
        "compared": [
            {
                **asdict(each),
                "kind": each.kind.name,
                "is_difference": each.kind.is_difference,
                "match_rate": each.meta and each.meta.match_rate,
            }
            for each in found.compared
        ],
        "qualities": [{**asdict(each), "holds_down": each.holds_down} for each in found.qualities],
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
            "" if each.meta is None else _matched(each.meta),
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
        if each.meta and each.meta.duplicate and each.kind is not Kind.twice:
            yield _duplicates(each, each.meta.duplicate)


def _duplicates(compared: Compared, number: int) -> str:
    return (
        f"{compared.upload.run_id}: {plural(number, 'event')} Meta had already, and counts once."
        " After a request without an answer that is as it should be"
    )


def _matched(meta: Entries) -> str:
    if meta.matched is None:
        return "not told"
    rate = meta.match_rate
    return f"{meta.matched:,}" if rate is None else f"{meta.matched:,} ({rate:.0%})"


def _quality(found: Reconciliation) -> Iterator[str]:
    if found.qualities:
        names = ("dataset", "event", "composite", "match keys", "frequency", "freshness")
        rows = [
            (
                each.dataset_id,
                each.event_name,
                *map(_score, (each.composite, each.match_key, each.frequency, each.freshness)),
                _weak(each),
            )
            for each in found.qualities
        ]
        yield table((*names, "keys that few have"), rows)
    for each in found.qualities:
        if factor := each.holds_down:
            low = _score(getattr(each, factor))
            yield (
                f"{each.event_name}, dataset {each.dataset_id}: {factor.replace('_', ' ')} ({low})"
                f" holds the composite ({_score(each.composite)}) below {GOOD_QUALITY},"
                f" which unlocks omnichannel ads\n  try: {_MENDS[factor]}"
            )
    for dataset_id, why in found.unrated.items():
        yield f"dataset {dataset_id}: its quality cannot be read: {why}"


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

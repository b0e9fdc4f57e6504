"""What the sandbox's reads tell of a shelf, in the shapes that Meta documents."""

import base64
from collections.abc import Iterator, Mapping, Sequence

from tillpost.sandbox.refusals import REQUEST, RefusedError
from tillpost.sandbox.store import DAY, OFFLINE, PEOPLE, Shelf

UPLOAD_FIELDS = (
    *("id", "upload_tag", "is_excluded_for_lift", "valid_entries", "matched_entries"),
    *("duplicate_entries", "match_rate_approx", "first_upload_time", "last_upload_time"),
)
_TOLD = "id,upload_tag,is_excluded_for_lift"
"""What Meta tells of an upload where no fields are asked for: none of the counts."""
_PAGE = 25
_ALL_DAYS, _GOOD_DAYS = 14, 12
_NAMES = {"em": "email", "ph": "phone"}

Row = dict[str, object]


def uploads(dataset_id: str, shelf: Shelf, asked: Mapping[str, object]) -> Iterator[Row]:
    """The entries of each upload tag, or of the one that is asked for."""
    names = str(asked.get("fields") or _TOLD).split(",")
    if not set(names) <= set(UPLOAD_FIELDS):
        raise RefusedError(REQUEST, f"An upload has the fields {', '.join(UPLOAD_FIELDS)}")
    for number, (tag, upload) in enumerate(shelf.uploads.items()):
        if asked.get("upload_tag") not in (None, tag):
            continue
        values = (
            *(f"{dataset_id}{number:05}", tag, False, upload.received, upload.matched),
            *(upload.received - upload.stored, round(100 * upload.matched / upload.received)),
            *(int(upload.first), int(upload.last)),
        )
        known = dict(zip(UPLOAD_FIELDS, values, strict=True))
        yield {"id": known["id"], **{name: known[name] for name in names}}


def page(rows: Sequence[Row], asked: Mapping[str, object], *, url: str, token: str) -> Row:
    """Some of the rows with cursors; as at Meta, the link to the next page holds the token."""
    limit, after = str(asked.get("limit", _PAGE)), str(asked.get("after", ""))
    begin = _position(after) + 1 if after else 0
    if not (limit.isascii() and limit.isdigit() and int(limit)):
        raise RefusedError(REQUEST, "Param limit must be a positive number")
    end = begin + int(limit)
    shown = list(rows[begin:end])
    if not shown:
        return {"data": []}
    cursors = {"before": _cursor(begin), "after": _cursor(begin + len(shown) - 1)}
    following = {"next": f"{url}?access_token={token}&after={cursors['after']}"}
    return {"data": shown, "paging": {"cursors": cursors, **(following if rows[end:] else {})}}


def qualities(shelf: Shelf, *, now: float) -> Iterator[Row]:
    """Scores of each event name's offline events.

    Meta publishes the factors and not their weights: here each counts the same, and a factor is
    ten times the share of what meets it.
    """
    today = int(now) // DAY
    days = sum(today - _ALL_DAYS < day <= today for day in shelf.days)
    frequency = min(days / _GOOD_DAYS, 1.0)
    offline = [(name, keys, n) for (name, by, keys), n in shelf.shapes.items() if by == OFFLINE]
    for name in sorted({name for name, _, _ in offline}):
        shapes = [(keys, number) for its, keys, number in offline if its == name]
        stored = sum(number for _, number in shapes)
        found = sum(number for keys, number in shapes if not PEOPLE.isdisjoint(keys))
        factors = (found / stored, frequency, shelf.fresh[name] / stored)
        coverage = {
            word: round(100 * sum(number for keys, number in shapes if key in keys) / stored, 1)
            for key, word in _NAMES.items()
        }
        match_key, often, fresh = (_score(share) for share in factors)
        yield {
            "event_name": name,
            "composite": _score(sum(factors) / len(factors)),
            "match_key": {**match_key, "coverage": coverage},
            "frequency": often,
            "freshness": fresh,
        }


def _score(share: float) -> Row:
    return {"score": round(10 * share, 1), "recommendation": "The sandbox's own arithmetic."}


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise RefusedError(REQUEST, "Param after must be a cursor of the page before") from None

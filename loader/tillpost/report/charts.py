"""The report's charts as Vega-Lite, each for a width in pixels."""

from collections.abc import Mapping, Sequence
from typing import Any

from tillpost.report.drawing import INKS, WIDTHS, Spec

OUTCOMES = {"would go": "going", "went": "went", "does not go": "not"}
"""What becomes of a sale, and the ink that stands for it everywhere in the report."""
ANSWERS = {"accepted": "went", "refused": "not", "no answer": "other"}
"""What the edge said, and its ink."""
_STEP = 26
_DAY = "utcyearmonthdate"
_PHONE = WIDTHS["narrow"]
# Of the room for labels: what is left of a width belongs to the marks.
_LABELS, _NUMBERS, _AXIS, _STORE = 150, 90, 56, 96
_STRENGTH: Spec = {
    "field": "share",
    "type": "quantitative",
    "legend": None,
    "scale": {"domain": [0, 1], "range": [0.06, 1]},
}

Records = Sequence[dict[str, Any]]


def bars(records: Records, *, width: int) -> Spec:
    """A bar for each ``label``, as long as ``count``, in the ink of ``ink``; in the order given."""
    label: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "axis": {"labelColor": INKS["ink"], "labelLimit": _LABELS},
    }
    ink: Spec = {
        "field": "ink",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(INKS), "range": list(INKS.values())},
    }
    count: Spec = {"field": "count", "type": "quantitative", "axis": None}
    number: Spec = {"field": "count", "type": "quantitative", "format": ",d"}
    return {
        "width": width - _LABELS - (_NUMBERS if width > _PHONE else _NUMBERS // 2),
        "height": {"step": _STEP},
        "data": {"values": list(records)},
        "encoding": {"y": label, "x": count},
        "layer": [
            {"mark": {"type": "bar", "height": 15}, "encoding": {"color": ink}},
            {
                "mark": {"type": "text", "align": "left", "dx": 7},
                "encoding": {"text": number},
            },
        ],
    }


def days(records: Records, *, inks: dict[str, str], width: int) -> Spec:
    """Bars a ``day``, as high as ``count``, each ``kind`` on the other in its ink."""
    return {**_stacked(inks, width=width, height=210), "data": {"values": list(records)}}


def values(currencies: Mapping[str, Records], *, inks: dict[str, str], width: int) -> Spec:
    """Below each other for each currency, which has a scale of its own: ``count`` by ``day``."""
    return {
        "spacing": 18,
        "vconcat": [
            {
                **_stacked(inks, width=width, height=88, has_legend=index == 0),
                "title": currency,
                "data": {"values": list(records)},
            }
            for index, (currency, records) in enumerate(currencies.items())
        ],
    }


def heat(sources: Mapping[str, Records], *, width: int) -> Spec:
    """Below each other for each source: a cell a day and ``field``, as strong as its ``share``."""
    marks = width - (132 if width > _PHONE else 118)
    field: Spec = {
        "field": "field",
        "type": "nominal",
        "sort": None,
        "axis": {"labelColor": INKS["ink"]},
    }
    return {
        "spacing": 22,
        "resolve": {"scale": {"x": "shared", "y": "independent"}},
        "vconcat": [
            {
                "title": source,
                "width": marks,
                "height": {"step": 17},
                "data": {"values": list(records)},
                "mark": {"type": "rect", "color": INKS["going"]},
                "encoding": {
                    "y": field,
                    "x": _day(width, has_labels=index == len(sources) - 1),
                    "opacity": _STRENGTH,
                },
            }
            for index, (source, records) in enumerate(sources.items())
        ],
    }


def stores(records: Records, *, width: int) -> Spec:
    """A cell a ``store`` and ``field``, as strong as its ``share``, in the order given."""
    ink: Spec = {"labelColor": INKS["ink"], "titleFontSize": 0}
    store: Spec = {
        "field": "store",
        "type": "nominal",
        "sort": None,
        "axis": {**ink, "labelLimit": _STORE},
    }
    field: Spec = {
        "field": "field",
        "type": "nominal",
        "sort": None,
        "axis": {**ink, "orient": "top", "labelAngle": -45 if width > _PHONE else -90},
    }
    return {
        "width": width - _STORE - 12,
        "height": {"step": 19},
        "data": {"values": list(records)},
        "mark": {"type": "rect", "color": INKS["going"]},
        "encoding": {"y": store, "x": field, "opacity": _STRENGTH},
    }


def _stacked(inks: dict[str, str], *, width: int, height: int, has_legend: bool = True) -> Spec:
    ink: Spec = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": list(inks), "range": [INKS[ink] for ink in inks.values()]},
    }
    if not has_legend:
        ink["legend"] = None
    count: Spec = {
        "field": "count",
        "type": "quantitative",
        "aggregate": "sum",
        "axis": {"tickCount": 3, "format": "~s", "titleFontSize": 0},
    }
    return {
        "width": width - _AXIS,
        "height": height,
        "mark": {"type": "bar", "binSpacing": 1},
        "encoding": {
            "x": _day(width),
            "y": count,
            "color": ink,
            "order": {"field": "place", "type": "ordinal"},
        },
    }


def _day(width: int, *, has_labels: bool = True) -> Spec:
    axis: Spec = {
        "format": "%-d %b",
        "grid": False,
        "tickCount": 8 if width > _PHONE else 4,
        "labels": has_labels,
        "labelFlush": True,
        "labelOverlap": True,
    }
    return {"field": "day", "type": "temporal", "timeUnit": _DAY, "axis": axis}

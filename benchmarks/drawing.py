"""growth.svg: how seconds and megabytes grow with the lines, both axes by powers of ten."""

from typing import Any

import vl_convert
from targets import Results, seconds

STEPS = {
    "every_line": "reading and SHA-256",
    "build": "build",
    "send": "send",
    "second_run": "run, 98 % sent already",
}


def growth(results: Results) -> str:
    """The drawing."""
    rows = [
        {"lines": size["lines"], "step": words, "seconds": taken, "MB": size[step]["peak_mb"]}
        for size in results["sizes"]
        for step, words in STEPS.items()
        if (taken := seconds(size, step)) is not None
    ]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        "data": {"values": rows},
        "hconcat": [_panel("seconds", {"type": "log"}), _panel("MB", {})],
    }
    return str(vl_convert.vegalite_to_svg(spec))


def _panel(field: str, scale: dict[str, str]) -> dict[str, Any]:
    axis = {"format": "~s"}
    return {
        "width": 320,
        "height": 260,
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": "lines", "type": "quantitative", "scale": {"type": "log"}, "axis": axis,
                "title": "order lines",
            },
            "y": {"field": field, "type": "quantitative", "scale": scale, "axis": axis},
            "color": {
                "field": "step", "type": "nominal", "title": None, "sort": list(STEPS.values())
            },
        },
    }  # fmt: skip

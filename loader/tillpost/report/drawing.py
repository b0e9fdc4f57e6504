"""Charts drawn as SVG that stands in a page: its colours are the page's, light, dark or printed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from tillpost.errors import UsageError

Spec = dict[str, Any]
WIDTHS = {"wide": 800, "narrow": 335}
"""Of the page in pixels, and of a phone: each chart is drawn for both, one of them is shown."""
INKS = {
    "going": "#010101",
    "went": "#020202",
    "not": "#030303",
    "other": "#040404",
    "ink": "#050505",
    "quiet": "#060606",
    "line": "#070707",
}
"""Colours that stand for the page's own while a chart is drawn."""
_NUMBERS = re.compile(r"(\d+\.\d)\d+")
_NOISE = re.compile(
    r' (?:font-family|role|aria-\w+|pointer-events)="[^"]*"| opacity="1"'
    r'|<path class="(?:back|fore)ground"[^>]*display="none"/>'
)
_LIBRARY = "Vega-Lite"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing with its words: what it is, and what there is to see for who cannot see it."""

    id: str
    title: str
    description: str
    drawings: dict[str, Markup]


def require_library() -> None:
    """Make sure that charts can be drawn, before anything long is done.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        import vl_convert  # noqa: F401, PLC0415  heavy, and an extra
    except ImportError:
        raise UsageError(
            "the report cannot draw its charts",
            why=f"vl-convert-python, which draws {_LIBRARY}, is not installed",
            fix="pip install 'tillpost[report]'",
        ) from None


def picture(name: str, title: str, description: str, spec: Callable[[int], Spec]) -> Picture:
    """Draw a chart for each width.

    Args:
        name: the start of the ids in it, its own in the page.
        title: what it is.
        description: what there is to see.
        spec: gives the chart for a width in pixels.
    """
    drawings = {
        size: _framed(_drawn(spec(width)), f"{name}-{size}", title, description)
        for size, width in WIDTHS.items()
    }
    return Picture(id=name, title=title, description=description, drawings=drawings)


def _drawn(spec: Spec) -> str:
    import vl_convert  # noqa: PLC0415  heavy, and an extra

    drawn: str = vl_convert.vegalite_to_svg({**spec, "config": _CONFIG}, allowed_base_urls=[])
    return drawn


def _framed(svg: str, name: str, title: str, description: str) -> Markup:
    """The drawing under its words, in the page's colours, with ids of its own."""
    frame, _, inside = svg.partition(">")
    size = re.search(r'viewBox="([\d. ]+)"', frame)
    if not size:
        raise TypeError(frame)
    inside = _NOISE.sub("", inside.removesuffix("</svg>"))
    inside = _NUMBERS.sub(r"\1", inside)
    inside = re.sub(r'(id="|url\(#)(clip|gradient)', rf"\1{name}-\2", inside)
    for ink, sign in INKS.items():
        inside = inside.replace(f'"{sign}"', f'"var(--{ink})"')
    return Markup(  # noqa: S704  the library escapes its texts, the words are escaped here
        f'<svg role="img" viewBox="{size[1]}" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{inside}</svg>'
    )


_CONFIG: Spec = {
    "background": None,
    "padding": 2,
    "font": "Helvetica",
    "view": {"stroke": None},
    "bar": {"color": INKS["going"]},
    "text": {"color": INKS["ink"], "fontSize": 12},
    "title": {"color": INKS["ink"], "fontSize": 12, "anchor": "start", "fontWeight": "bold"},
    "axis": {
        "domain": False,
        "ticks": False,
        "title": None,
        "labelPadding": 6,
        "labelColor": INKS["quiet"],
        "labelFontSize": 12,
        "gridColor": INKS["line"],
    },
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "title": None,
        "symbolType": "square",
        "labelColor": INKS["ink"],
        "labelFontSize": 12,
        "symbolSize": 110,
        "offset": 8,
    },
}

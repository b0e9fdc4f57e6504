"""The page that shows a person what the sandbox holds: one document, without scripts."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from string import Template

from tillpost.sandbox.store import Shelf, Store, StoredEvent

SHOWN = 25

_DOCUMENT = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tillpost sandbox</title>
<style>$style</style>
</head>
<body>
<header>
<h1>Tillpost sandbox</h1>
<nav aria-label="Data"><a href="/">Reload</a> <a href="/sandbox/summary">Summary (JSON)</a>
<a href="/sandbox/events?limit=100">Events (JSON lines)</a></nav>
</header>
<p class="soft">A local edge with Meta&rsquo;s documented rules. Nothing here has reached Meta.
As of $now.</p>
<main>
$main
</main>
</body>
</html>
""")

_EMPTY = """<section aria-labelledby="nothing"><h2 id="nothing">Nothing has arrived yet</h2>
<p>Events are taken at <code>POST /v26.0/{dataset_id}/events</code>.</p></section>"""


def render(store: Store, *, now: float) -> str:
    """Write the page as it is now."""
    parts = [_dataset(name, shelf) for name, shelf in store.shelves().items()]
    newest = list(store.newest(SHOWN))
    if newest:
        parts.append(_newest(newest))
    return _DOCUMENT.substitute(
        style=files("tillpost.sandbox").joinpath("page.css").read_text(encoding="utf-8"),
        now=_time(now),
        main="\n".join(parts) or _EMPTY,
    )


def _dataset(dataset_id: str, shelf: Shelf) -> str:
    return f"""<section aria-labelledby="dataset-{escape(dataset_id)}">
<h2 id="dataset-{escape(dataset_id)}"><span>Dataset</span> {escape(dataset_id)}</h2>
<dl>{_counts(shelf)}{_value(shelf)}</dl>
<div class="pair">{_names(shelf)}{_match_keys(shelf)}</div>
</section>"""


def _counts(shelf: Shelf) -> str:
    bad = "bad" if shelf.refused_requests else ""
    return "".join(
        [
            _figure("Requests", f"{shelf.requests:,}"),
            _figure("Events received", f"{shelf.received:,}"),
            _figure("Stored", f"{shelf.stored:,}"),
            _figure("Duplicates", f"{shelf.received - shelf.stored:,}"),
            _figure("Refused requests", f"{shelf.refused_requests:,}", style=bad),
        ]
    )


def _value(shelf: Shelf) -> str:
    return "".join(
        _figure(f"Value, {currency}", f"{value:,f}")
        for currency, value in sorted(shelf.value.items())
    )


def _figure(label: str, figure: str, *, style: str = "") -> str:
    return f'<div><dt>{escape(label)}</dt><dd class="{style}">{escape(figure)}</dd></div>'


def _names(shelf: Shelf) -> str:
    rows = (
        _row(escape(name), escape(source), number=f"{count:,}")
        for (name, source), count in shelf.names().most_common()
    )
    return _table("Stored events", ("Event", "From", "#Count"), rows)


def _match_keys(shelf: Shelf) -> str:
    rows = (
        _row(
            escape(name),
            f"<code>{escape(key)}</code>",
            number=f'<meter value="{share:.3f}" aria-hidden="true"></meter> {share:.0%}',
        )
        for name, keys in shelf.coverage().items()
        for key, share in keys.items()
    )
    return _table("Customer fields", ("Event", "Field", "#Present in"), rows)


def _newest(events: list[StoredEvent]) -> str:
    heads = ("Received", "Dataset", "Event", "Happened", "Order", "Content", "#Value")
    table = _table(f"The newest {len(events)}", heads, map(_event, events))
    return f'<section aria-labelledby="newest"><h2 id="newest">Newest events</h2>{table}</section>'


def _event(stored: StoredEvent) -> str:
    event = stored.event
    custom = event.get("custom_data", {})
    text = json.dumps(event, indent=2, ensure_ascii=False)
    return _row(
        _time(stored.received_at),
        escape(stored.dataset_id),
        escape(event["event_name"]),
        _time(event["event_time"]),
        escape(custom.get("order_id", "")),
        f"<details><summary>JSON</summary><pre>{escape(text)}</pre></details>",
        number=escape(f"{custom.get('value', '')} {custom.get('currency', '')}"),
    )


def _table(caption: str, heads: Iterable[str], rows: Iterable[str]) -> str:
    """Lay out rows; a head that begins with ``#`` stands over numbers."""
    cells = "".join(
        f'<th scope="col"{_number_class(head)}>{escape(head.lstrip("#"))}</th>' for head in heads
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{cells}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _number_class(head: str) -> str:
    return ' class="number"' if head.startswith("#") else ""


def _row(*cells: str, number: str) -> str:
    columns = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr>{columns}<td class="number">{number}</td></tr>'


def _time(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return f'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M:%S} UTC</time>'

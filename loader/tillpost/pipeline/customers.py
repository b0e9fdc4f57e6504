"""The customer of a sale: what the source has, what it is normalised to, what is sent: by shape."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tillpost.pipeline.built import Built, Record
from tillpost.pipeline.customer_fields import FIELDS, numbered
from tillpost.pipeline.finding import SourceRows
from tillpost.pipeline.model_texts import ModelTexts
from tillpost.pipeline.normalizer import RAW, customer_models
from tillpost.pipeline.shapes import shapes
from tillpost.pipeline.stories import Field

SEEN_WHOLE = 5
"""Sales whose customers are followed through the models; of others only what is sent is told."""


@dataclass(frozen=True, kw_only=True)
class Customer:
    """What may be shown of one."""

    fields: tuple[Field, ...]
    problems: str


def fields_of(  # noqa: PLR0913  all that is known of the sales, each by name
    built: Built,
    texts: ModelTexts,
    sales: Sequence[Record],
    lines: Sequence[Record],
    raw: SourceRows,
    *,
    is_full: bool,
) -> dict[str, Customer]:
    """The customer of each basket; the full answer has the normal forms, which take a while."""
    identities = built.identities([each["basket"] for each in sales])
    refs = {each["row_id"]: each["row_ref"] for each in lines}
    models = _models(texts) if is_full else []
    found = {}
    for place, sale in enumerate(sales):
        ref = refs.get(sale["customer_row_id"], "")
        identity = identities.get(sale["basket"], {})
        way = raw.ways.get(ref)
        normal = way.normal_forms(ref, models) if way and models and place < SEEN_WHOLE else {}
        words = (sale["problems"], identity.get("problems") or normal.get("problems"))
        found[sale["basket"]] = Customer(
            fields=tuple(_fields(raw.records.get(ref, {}), normal, identity)),
            problems=",".join(filter(None, words)),
        )
    return found


def _fields(written: Record, normal: Record, identity: Record) -> list[Field]:
    fields = [
        Field(
            name=name,
            written=_shapes(written, column, kind=column),
            normal=_shapes(normal, name, kind=column),
            sent=_shapes(identity, name, kind=column),
        )
        for name, column in FIELDS.items()
    ]
    return [each for each in fields if each.written or each.normal or each.sent]


def _shapes(record: Record, column: str, *, kind: str) -> tuple[str, ...]:
    """The shapes of a field's values, each once; a city and its other reading may be the same."""
    return tuple(dict.fromkeys(shapes(map(record.get, numbered(column)), kind=kind)))


def _models(texts: ModelTexts) -> list[tuple[str, str]]:
    """The models of customers, reading each other in place of what was built."""
    models = customer_models(texts.compiler)
    names = {model.name: f"why_{model.name}" for model in models} | {RAW: "why_raw_customer"}
    pattern = re.compile(rf"\b{re.escape(texts.schema)}\.({'|'.join(names)})\b")
    # The last one hashes: what stands before it is asked for.
    return [
        (model.name, pattern.sub(lambda found: names[found[1]], model.sql)) for model in models[:-1]
    ]

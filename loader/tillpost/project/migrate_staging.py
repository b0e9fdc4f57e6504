"""The columns that came before there were stamps, written into staging models that lack them."""

import re

from tillpost.errors import UsageError
from tillpost.project.starter import unmapped_text

UNION = "int_sales"
"""The model that unites the staging models."""
BEFORE = (
    *("source_name", "source_file", "source_row", "row_key", "line_key", "basket_key"),
    *("export_id", "version", "lookback", "dataset_id", "event_name", "action_source", "order_id"),
    *("item_number", "event_id", "event_time", "event_source_url", "currency", "order_total"),
    *("line_total", "quantity", "unit_price", "item_id", "item_brand", "item_category"),
    *("email", "phone", "fn", "ln", "gen", "db", "ct", "st", "zip", "country", "external_id"),
    *("madid", "lead_id", "client_user_agent"),
)
ADDED = (
    *("referrer_url", "messaging_channel", "net_revenue", "predicted_ltv", "num_items"),
    *("content_ids", "app_data", "original_event_data", "consent", "opt_out"),
    *("data_processing_options", "data_processing_options_country"),
    *("data_processing_options_state", "store_data", "custom_properties", "item_title"),
    *("item_description", "delivery_category", "email_2", "email_3", "phone_2", "phone_3"),
    *("external_id_2", "external_id_3", "client_ip_address", "user_keys"),
)
_NAMED = "{{ sale_columns() }}, {{ customer_columns() }}"
_LIST = re.compile(r"(?<=\bselect)(\s+)((?:\w+\s*,\s*)+\w+)(?=\s+from\b)", re.IGNORECASE)
_UNITES = re.compile(r"\bunion\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_UNMAPPED_OPTIONS = re.compile(r"(\{\{\s*unmapped\([^{}]*)'data_processing'")
_REF = re.compile(r"\{\{\s*ref\(\s*['\"](\w+)['\"]\s*\)")
_COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}|/\*.*?\*/", re.DOTALL)
_SELECT = re.compile(r"^select[ \t]*\n(?P<columns>.*?)^from\b", re.MULTILINE | re.DOTALL)
# Columns whose names do not stand there: all of a relation's, or those that a macro makes.
_UNNAMED = re.compile(r"(?:^|[\s,.])\*\s*(?:,|\Z)|\{%|\{\{(?!\s*unmapped\()[^{}]*\}\}\s*(?:,|\Z)")
_TIME = re.compile(
    r"\{\{\s*read_time\(\s*(?P<text>'[^']*'|\"[^\"]*\"),[^{}]*\}\}\s+as\s+event_time\b"
)


def named_in(union: str) -> list[str]:
    """The models that this one unites."""
    return _REF.findall(_bare(union))


def with_macros(text: str, *, path: str) -> str:
    """The model that unites them, with the macros that name all columns in place of a list.

    Raises:
        UsageError: it names them in a way of its own.
    """
    after = _LIST.sub(
        lambda found: f" {_NAMED}" if _is_list(found[2]) else found[0],
        text,
    )
    bare = _bare(after)
    selects = len(_UNITES.findall(bare)) + 1
    if min(bare.count("sale_columns()"), bare.count("customer_columns()")) < selects:
        raise UsageError(
            "this model does not take all columns of the staging models",
            where=path,
            why=f"there are {len(ADDED) + 1} new ones, and its own way of naming them is kept",
            fix=f"select {_NAMED} from each of them, and what compile then says of their columns",
        )
    return after


def with_columns(text: str, *, path: str) -> str:
    """A staging model with the columns it lacks: not mapped, so that it sends what it did.

    Raises:
        UsageError: it is not seen which columns it has, or what one of them says.
    """
    text = _with_options(text, path=path)
    known = set(_WORD.findall(_bare(text)))
    missing = [name for name in ADDED if name not in known]
    is_dated = "is_date_only" in known
    if is_dated and not missing:
        return text
    selects = list(_SELECT.finditer(text))
    columns = _bare(selects[0]["columns"]) if selects else ""
    time = _TIME.search(columns)
    if len(selects) != 1 or _UNNAMED.search(columns.strip()):
        raise UsageError(
            "this staging model lacks new columns",
            where=path,
            why="it does not name what it selects as init does, so none were written into it",
            fix=f"is_date_only, as in a new project (tillpost init new), and {', '.join(missing)}"
            " as unmapped",
        )
    lines = ["    -- columns of later versions of Tillpost"]
    if not is_dated and time:
        lines.append(f"    {{{{ is_date_only({time['text']}) }}}} as is_date_only,")
    elif not is_dated:
        lines.append("    -- is_date_only('…') says of a text whether it is a day without a time")
        lines.append("    cast(null as boolean) as is_date_only,")
    if missing:
        lines.append(f"{unmapped_text(missing)},")
    start = selects[0].start("columns")
    return "\n".join([text[:start] + lines[0], *lines[1:], text[start:]])


def _with_options(text: str, *, path: str) -> str:
    """The text with the new name of `data_processing`, as long as it says nothing.

    What it says keeps Meta from using a sale: that must not be lost.
    """
    text = _UNMAPPED_OPTIONS.sub(r"\1'data_processing_options'", text)
    if "data_processing" in _WORD.findall(_bare(text)):
        raise UsageError(
            "data_processing became three columns",
            where=path,
            why="what it was made of cannot be told apart here, so no new columns were written",
            fix=", ".join(name for name in ADDED if name.startswith("data_processing"))
            + ": README.md, and what compile then says of the others",
        )
    return text


def _is_list(columns: str) -> bool:
    return {name.strip() for name in columns.split(",")} == set(BEFORE)


def _bare(text: str) -> str:
    return _COMMENT.sub("", text)

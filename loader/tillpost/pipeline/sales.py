"""From an order id to the keys that its sales have in the ledger: by the project's own macro."""

from collections.abc import Sequence
from itertools import product

from tillpost.engines import Row, open_engine
from tillpost.errors import UsageError
from tillpost.ledger import Sale
from tillpost.pipeline.digest_keys import order_ids
from tillpost.pipeline.workspace import Workspace

EVENT_NAMES = (
    *("AddPaymentInfo", "AddToCart", "AddToWishlist", "CompleteRegistration", "Contact"),
    *("CustomizeProduct", "Donate", "FindLocation", "InitiateCheckout", "Lead", "Other"),
    *("PageView", "Purchase", "Schedule", "Search", "StartTrial", "SubmitApplication"),
    *("Subscribe", "ViewContent"),
)
"""Meta's standard events."""


def order_sales(
    workspace: Workspace,
    order_id: str,
    *,
    event_names: Sequence[str] = (),
    item_numbers: Sequence[str] = (),
    datasets: Sequence[str] = (),
) -> list[Sale]:
    """Every sale that an order could be: of the project's dataset and those given."""
    known = dict.fromkeys([str(workspace.project.vars.get("dataset_id", "")), *datasets])
    rows = product(
        filter(None, known), dict.fromkeys([*EVENT_NAMES, *event_names]), [None, *item_numbers]
    )
    texts = ", ".join(
        f"({_text(dataset)}, {_text(name)}, {_text(item)}, {_text(order_id)})"
        for dataset, name, item in rows
    )
    if not texts:
        return []
    columns = "dataset_id, event_name, item_number, order_id"
    sql = f"""
        select cast({{{{ sale_key() }}}} as varchar) as sale_key, dataset_id
        from (
            select
                dataset_id,
                {{{{ clean_text('event_name') }}}} as event_name,
                {{{{ clean_text('item_number') }}}} as item_number,
                {{{{ clean_text('order_id') }}}} as order_id
            from (values {texts}) as given ({columns})
        ) as cleaned
        where order_id is not null
    """
    with open_engine({"type": "duckdb"}, root=workspace.project.root, where="a key") as engine:
        text = workspace.compiler.text(sql, path="macros/sale_key.sql", dialect="duckdb")
        _, found = engine.query(text, where="macros/sale_key.sql")
    if not found:
        raise UsageError("the order id is empty", fix="give the order id as the source has it")
    return [Sale(sale_key=key, dataset_id=dataset) for key, dataset in found]


def built_sales(workspace: Workspace, order_id: str) -> list[Sale]:
    """The sales of an order that the last build knows, with their events' keys."""
    with workspace.engine() as engine:
        if not {"int_judged_baskets", "int_basket_verdicts"} <= engine.relations():
            return []
        sql = f"""
            select
                cast(coalesce(verdicts.event_key, baskets.sale_key) as varchar) as event_key,
                cast(baskets.sale_key as varchar) as sale_key,
                coalesce(baskets.dataset_id, '') as dataset_id
            from {workspace.relation("int_judged_baskets")} as baskets
            inner join {workspace.relation("int_basket_verdicts")} as verdicts
                on baskets.basket = verdicts.basket
            where baskets.order_id = {{{{ clean_text({_quoted(order_id)}) }}}}
        """
        text = workspace.compiler.text(sql, path="the last build")
        _, rows = engine.query(text, where="the last build")
    return [_built(row) for row in rows]


def sale_keys(workspace: Workspace, order_id: str, *, datasets: Sequence[str]) -> tuple[str, ...]:
    """The keys of all of these, by the id as it is and by its digest."""
    return tuple(
        sale.sale_key
        for each in order_ids(workspace, order_id)
        for sale in (
            *order_sales(workspace, each, datasets=datasets),
            *built_sales(workspace, each),
        )
    )


def _built(row: Row) -> Sale:
    event_key, sale_key, dataset_id = row
    return Sale(event_key=event_key, sale_key=sale_key, dataset_id=dataset_id)


def _text(value: str | None) -> str:
    """A text within SQL that a template renders: nothing in it means anything to either."""
    return "{{ " + _quoted(value) + " }}"


def _quoted(value: str | None) -> str:
    return repr("cast(null as varchar)" if value is None else "'" + value.replace("'", "''") + "'")

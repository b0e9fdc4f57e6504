"""A receipt and its lines, as the till prints them: all text."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from generator.articles import Article
from generator.contacts import Contact
from generator.stores import Store

CENT = Decimal("0.01")
# What a euro of the price list costs in the store's money.
PRICE_LEVEL = {"EUR": Decimal("1.00"), "USD": Decimal("1.20"), "GBP": Decimal("0.90")}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One article of a receipt."""

    line_no: str
    article_no: str
    article: str
    brand: str
    category: str
    quantity: str
    unit_price: str
    line_total: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A receipt; ``moment`` is when it really was, ``sold_at`` what the till says.

    ``customer_from`` is the first line that carries the customer, ``mishap`` names what befell it.
    """

    store: Store
    till_no: str
    receipt_no: str
    moment: datetime
    sold_at: str
    contact: Contact
    lines: tuple[Line, ...]
    customer_from: int = 0
    mishap: str = ""

    @property
    def order_id(self) -> str:
        """The number with what makes it unique: numbers restart in every store every year."""
        return f"{self.store.store_id}-{self.sold_at[:4]}-{self.receipt_no}"

    @property
    def total(self) -> Decimal:
        """What was paid."""
        return sum((Decimal(line.line_total) for line in self.lines), Decimal())


def goods_line(article: Article, *, line_no: int, quantity: Decimal, currency: str) -> Line:
    """A line of so many pieces or kilograms of an article."""
    price = (article.cents * CENT * PRICE_LEVEL[currency]).quantize(CENT)
    return Line(
        line_no=str(line_no),
        article_no=article.article_no,
        article=article.article,
        brand=article.brand,
        category=article.category,
        quantity=str(quantity),
        unit_price=str(price),
        line_total=str((quantity * price).quantize(CENT)),
        currency=currency,
    )

"""What is sold: the catalogue, with prices in euro cents a piece or a kilogram."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    """One article; commas and inch marks in a name are what CSV quoting is for."""

    article_no: str
    article: str
    brand: str
    category: str
    cents: int


PIECES = (
    Article("10010", "Espresso beans, dark roast 1 kg", "Tostado", "Coffee", 1890),
    Article("10011", "Filter coffee, medium roast 500 g", "Tostado", "Coffee", 990),
    Article("10012", "Decaf 250 g", "Tostado", "Coffee", 649),
    Article("10020", "Earl Grey, 50 bags", "Leaf & Co", "Tea", 459),
    Article("10021", "Rooibos vanilla", "Leaf & Co", "Tea", 399),
    Article("10022", "Sencha", "Leaf & Co", "Tea", 899),
    Article("20010", 'Frying pan 11" cast iron', "Hestia", "Kitchen", 5990),
    Article("20011", 'Saucepan 8"', "Hestia", "Kitchen", 3490),
    Article("20012", "Chef's knife", "Hestia", "Kitchen", 7900),
    Article("20013", "Cutting board, oak", "Nordlys", "Kitchen", 2950),
    Article("20020", "Moka pot, 6 cups", "Tostado", "Kitchen", 3290),
    Article("20021", "Hand grinder", "Tostado", "Kitchen", 4900),
    Article("30010", "Mug «Zoë»", "Nordlys", "Table", 1290),
    Article("30011", "Plate, 27 cm", "Nordlys", "Table", 1490),
    Article("30012", "Wine glasses, set of 4", "Nordlys", "Table", 2490),
    Article("30013", "Table runner", "Nordlys", "Table", 1990),
    Article("40010", "Dark chocolate 70 %", "Cacaoyer", "Sweets", 349),
    Article("40011", "Crème brûlée biscuits", "Cacaoyer", "Sweets", 429),
    Article("40012", "Honey, 500 g", "Cacaoyer", "Sweets", 899),
    Article("50010", "Gift wrap", "", "Service", 250),
)

WEIGHED = (
    Article("60010", "Olives, loose (kg)", "Mercado", "Fresh", 1890),
    Article("60011", "Comté (kg)", "Mercado", "Fresh", 2990),
    Article("60012", "House blend, loose (kg)", "Tostado", "Coffee", 2450),
    Article("60013", "Almonds, roasted (kg)", "Mercado", "Fresh", 2190),
)

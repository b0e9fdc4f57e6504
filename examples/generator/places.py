"""Where the customers live: country, and its towns with state and postal code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """A country as forms spell it; ``share`` weighs how many customers live there."""

    alpha2: str
    alpha3: str
    names: tuple[str, ...]
    share: int
    currency: str


@dataclass(frozen=True)
class Place:
    """A town."""

    city: str
    state: str
    postal_code: str


COUNTRIES = {
    "de": Country("DE", "DEU", ("Deutschland", "Germany"), 40, "EUR"),
    "us": Country("US", "USA", ("United States", "United States of America"), 30, "USD"),
    "gb": Country("GB", "GBR", ("United Kingdom", "UK", "Great Britain"), 18, "GBP"),
    "fr": Country("FR", "FRA", ("France",), 5, "EUR"),
    "at": Country("AT", "AUT", ("Österreich", "Austria"), 5, "EUR"),
    "es": Country("ES", "ESP", ("España", "Spain"), 3, "EUR"),
    "nl": Country("NL", "NLD", ("Nederland", "Netherlands"), 4, "EUR"),
    "se": Country("SE", "SWE", ("Sverige", "Sweden"), 4, "SEK"),
}

PLACES = {
    "de": (
        Place("Berlin", "Berlin", "10115"),
        Place("Berlin", "Berlin", "12047"),
        Place("Potsdam", "Brandenburg", "14467"),
        Place("München", "Bayern", "80331"),
        Place("Köln", "Nordrhein-Westfalen", "50667"),
        Place("Frankfurt am Main", "Hessen", "60311"),
        Place("Dresden", "Sachsen", "01067"),
        Place("Halle (Saale)", "Sachsen-Anhalt", "06108"),
    ),
    "us": (
        Place("New York", "NY", "10012"),
        Place("Brooklyn", "New York", "11201"),
        Place("Jersey City", "NJ", "07302"),
        Place("Boston", "Massachusetts", "02108"),
        Place("St. Louis", "MO", "63101"),
        Place("San Francisco", "CA", "94103"),
        Place("Washington", "DC", "20001"),
    ),
    "gb": (
        Place("London", "England", "SW1A 1AA"),
        Place("London", "Greater London", "E1 6AN"),
        Place("Stratford-upon-Avon", "England", "CV37 6BA"),
        Place("Edinburgh", "Scotland", "EH1 1YZ"),
        Place("Cardiff", "Wales", "CF10 1EP"),
    ),
    "fr": (
        Place("Paris", "Île-de-France", "75004"),
        Place("Lyon", "Auvergne-Rhône-Alpes", "69002"),
        Place("Saint-Étienne", "Loire", "42000"),
        Place("L'Haÿ-les-Roses", "Val-de-Marne", "94240"),
    ),
    "at": (
        Place("Wien", "Wien", "1010"),
        Place("Sankt Pölten", "Niederösterreich", "3100"),
        Place("Graz", "Steiermark", "8010"),
    ),
    "es": (
        Place("Madrid", "Madrid", "28013"),
        Place("A Coruña", "Galicia", "15001"),
        Place("Málaga", "Andalucía", "29015"),
    ),
    "nl": (
        Place("Amsterdam", "Noord-Holland", "1012 AB"),
        Place("'s-Hertogenbosch", "Noord-Brabant", "5211 AK"),
        Place("Utrecht", "Utrecht", "3511 CE"),
    ),
    "se": (
        Place("Stockholm", "Stockholms län", "111 20"),
        Place("Göteborg", "Västra Götaland", "411 06"),
        Place("Malmö", "Skåne", "211 22"),
    ),
}

"""What the customers are called: first names of women and of men, last names, a country each."""

# ruff: noqa: RUF001 - people spell their names with the letters they have

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """The names of one country."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    last: tuple[str, ...]


NAMES = {
    "de": Names(
        ("Anna", "Anne-Marie", "Käthe", "Lena", "Sabine", "Zoë", "Ayşe", "Ute"),
        ("Björn", "Hans-Peter", "Jörg", "Lukas", "Max", "Uwe", "Emre", "Karl"),
        (
            "Müller",
            "Müller-Lüdenscheidt",
            "Schmidt",
            "Weiß",
            "von der Heide",
            "Yılmaz",
            "Köhler",
            "Groß",
            "Schulze",
            "Öztürk",
            "Becker",
            "Nguyễn",
        ),
    ),
    "us": Names(
        ("Mary", "Jennifer", "Linda", "Aaliyah", "Chloé", "Emily Rose", "María", "Jo-Ann"),
        ("James", "John", "José", "D'Angelo", "Robert", "William", "DeShawn", "Tyler"),
        (
            "Smith",
            "O'Brien",
            "Johnson",
            "Garcia",
            "Rodríguez",
            "Williams-Jones",
            "McDonald",
            "Null",
            "Lee",
            "Nguyen",
            "King Jr.",
            "Test",
        ),
    ),
    "gb": Names(
        ("Olivia", "Siân", "Amelia", "Isla", "Niamh", "Sophie", "Zoë", "Priya"),
        ("Oliver", "Seán", "George", "Harry", "Callum", "Mohammed", "Rhys", "Alfie"),
        ("Smith", "O’Neill", "Jones", "Patel", "Taylor", "Fitz-Gerald", "Evans", "MacLeod", "Khan"),
    ),
    "fr": Names(
        ("Chloé", "Hélène", "Marie-Claire", "Inès", "Léa", "Françoise"),
        ("François", "Jean-Luc", "Loïc", "Hugo", "Théo", "André"),
        ("Dupont", "D’Aubigné", "Lefèvre", "Martin", "Bérenger", "Saint-Exupéry", "Nuñez"),
    ),
    "at": Names(
        ("Magdalena", "Eva", "Käthe", "Sophie", "Verena"),
        ("Jörg", "Florian", "Matthias", "Wolfgang", "Günther"),
        ("Gruber", "Huber", "Größinger", "Öllinger", "Steiner", "Wagner"),
    ),
    "es": Names(
        ("Lucía", "María José", "Begoña", "Núria", "Sofía"),
        ("José", "Íñigo", "Álvaro", "Jesús", "Xoán"),
        ("García", "Muñoz", "Fernández López", "Peña", "Ibáñez", "Núñez"),
    ),
    "nl": Names(
        ("Anouk", "Noëlle", "Fleur", "Sanne", "Zoë"),
        ("Daan", "Jan-Willem", "Sjoerd", "Joël", "Bram"),
        ("de Vries", "van ’t Hof", "Jansen", "van den Berg", "Bakker", "Ruĳs"),
    ),
    "se": Names(
        ("Åsa", "Elin", "Märta", "Saga", "Linnéa"),
        ("Søren", "Björn", "Lars-Göran", "Åke", "Nils"),
        ("Andersson", "Sjöberg", "Ångström", "Lindqvist", "Håkansson", "Öberg"),
    ),
}

OTHER_SCRIPTS = Names(
    ("Юлия", "美咲", "ليلى", "Ελένη", "지우"),
    ("Дмитрий", "伟", "محمد", "Γιώργος", "민준"),
    ("정", "Иванова", "王", "Παπαδόπουλος", "حداد", "佐藤"),
)

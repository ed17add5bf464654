"""The names of the ten tables of programming records, in the order of their references."""

TABLE_NAMES = (
    "lieux",
    "programmateurs",
    "equipes",
    "projets",
    "tournees",
    "dates",
    "etapes",
    "transports",
    "mises_en_relation",
    "connexions",
)

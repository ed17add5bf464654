"""E-mail addresses: contact@example.org. They name or reach a person: see `datasets.ingest.identify`."""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="email",
    public="text",
    label={"fr": "Adresse e-mail", "en": "E-mail address"},
    matches=by_pattern(r'[^@\s"<>,;:()]+@[^@\s"<>,;:()]+\.[a-z]{2,}'),
    parse=unchanged,
    valid=("contact@example.org", "jean.dupont+art@exemple.fr"),
    invalid=("", "contact@", "@exemple.fr", "a@b", "www.exemple.fr", "un @ deux.fr"),
    hints=r"(?:^|_)(?:e_?mails?|mails?|courriels?|adresse_electronique)(?:_|$)",
)

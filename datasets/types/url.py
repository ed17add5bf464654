"""Web addresses: https://…, www.…"""

from datasets.types.column import ColumnType, by_pattern, unchanged

TYPE = ColumnType(
    name="url",
    public="text",
    label={"fr": "Adresse web", "en": "Web address"},
    matches=by_pattern(r"(?:https?://|ftp://|www\.)[^\s]+\.[^\s]+"),
    parse=unchanged,
    valid=("https://www.gers.fr/", "www.musees.ain.fr", "http://exemple.fr/a?b=c"),
    invalid=("", "gers", "http:/exemple", "voir www.exemple.fr ou .com"),
    hints=r"(?:^|_)(?:url|site|sitweb|site_web|site_internet|lien|website)(?:_|$)",
)

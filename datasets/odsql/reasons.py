"""Why a query is refused, in English and in French: one row for each reason."""

from collections.abc import Sequence

from datasets.errors import LimitExceeded, Phrase

LIMITS: dict[str, tuple[Phrase, Phrase]] = {
    "length": (Phrase("length", "longueur"), Phrase("{most} characters", "{most} caractères")),
    "depth": (Phrase("depth", "profondeur"), Phrase("{most} levels", "{most} niveaux")),
    "group_by": (Phrase("group_by"), Phrase("{most} keys", "{most} clés")),
    "facet": (Phrase("facet"), Phrase("{most} facets", "{most} facettes")),
    "select": (Phrase("select"), Phrase("{most} columns", "{most} colonnes")),
    "order_by": (Phrase("order_by"), Phrase("{most} keys", "{most} clés")),
    "aggregates": (Phrase("aggregates", "agrégats"), Phrase("{most} of them", "{most}")),
    "words": (Phrase("search", "recherche"), Phrase("{most} words", "{most} mots")),
    "word": (Phrase("search", "recherche"), Phrase("{most} letters in a word", "{most} lettres dans un mot")),
    "wildcards": (Phrase("LIKE"), Phrase("{most} wildcards in a word", "{most} jokers dans un mot")),
    "pattern": (Phrase("date_format"), Phrase("{most} characters", "{most} caractères")),
}

REASONS: dict[str, tuple[str, str]] = {
    "geo group": (
        "Aggregation on a geo field is impossible, use geo_cluster(field, zoom).",
        "On ne groupe pas par un champ géographique : employez geo_cluster(champ, zoom).",
    ),
    "pattern": (
        "{function}() takes one field or one beginning followed by *.",
        "{function}() prend un champ, ou un début de nom suivi de *.",
    ),
    "unordered": (
        "A geo or multivalued field has no order.",
        "Un champ géographique ou multivalué n’a pas d’ordre.",
    ),
    "aggregate order": (
        "Ordering by an aggregate is not supported above {most} groups: remove it, or pass a limit of {most} at most.",
        "L’ordre par un agrégat n’est pas possible au-delà de {most} groupes : retirez-le, ou donnez une limite "
        "de {most} au plus.",
    ),
    "aggregates first": (
        "Aggregates must come before fields.",
        "Les agrégats viennent avant les champs.",
    ),
    "loose field": (
        "Field {name} must be in group_by or in an aggregate.",
        "Le champ {name} doit être dans group_by ou dans un agrégat.",
    ),
    "alias twice": (
        "Alias '{name}' is declared several times.",
        "L’alias « {name} » est déclaré plusieurs fois.",
    ),
    "facet expected": (
        'A name or facet(name="…") was expected.',
        'Un nom ou facet(name="…") est attendu.',
    ),
    "facet options": (
        "facet() sorts by {sorts} and gives at most {most} values.",
        "facet() trie par {sorts} et donne au plus {most} valeurs.",
    ),
    "facet option": (
        "facet() does not know {name}.{hint} It takes {names}.",
        "facet() ne connaît pas {name}.{hint} Elle prend {names}.",
    ),
    "facet arguments": (
        "facet() takes arguments written name=value.",
        "facet() prend des arguments écrits nom=valeur.",
    ),
    "not filterable": (
        "Field {name} is not allowed in the current clause.",
        "Le champ {name} n’est pas admis dans cette clause.",
    ),
    "no facet": (
        "Field {name} has no facet: its type is {type}.",
        "Le champ {name} n’a pas de facette : son type est {type}.",
    ),
    "a date": (
        "a date such as 2024, 2024/05 or 2024/05/17",
        "une date telle que 2024, 2024/05 ou 2024/05/17",
    ),
    "true or false": (
        "true or false",
        "true ou false",
    ),
    "a number": (
        "a number",
        "un nombre",
    ),
    "name:value": (
        "name:value",
        "nom:valeur",
    ),
    "closing": (
        "a closing {mark}",
        "un {mark} fermant",
    ),
    "token": (
        "a name, a value or an operator",
        "un nom, une valeur ou un opérateur",
    ),
    "double": (
        "a number within the range of doubles",
        "un nombre dans l’étendue des nombres à virgule",
    ),
    "geometry": (
        "Geometry: {found} was found at position {place} of geom'…', {expected} was expected.",
        "Géométrie : {found} trouvé en position {place} de geom'…', {expected} attendu.",
    ),
    "geometry kind": (
        "POINT, LINESTRING, POLYGON, MULTIPOINT, MULTILINESTRING, MULTIPOLYGON or GEOMETRYCOLLECTION",
        "POINT, LINESTRING, POLYGON, MULTIPOINT, MULTILINESTRING, MULTIPOLYGON ou GEOMETRYCOLLECTION",
    ),
    "geometry mark": (
        "{mark}",
        "{mark}",
    ),
    "geometry srid": (
        "4326 (longitude and latitude in degrees)",
        "4326 (longitude et latitude en degrés)",
    ),
    "geometry end": (
        "the end of the geometry",
        "la fin de la géométrie",
    ),
    "geometry ring": (
        "a closed ring of at least four points",
        "un anneau fermé d’au moins quatre points",
    ),
    "geometry line": (
        "a line of at least two points",
        "une ligne d’au moins deux points",
    ),
    "geometry geojson": (
        "a GeoJSON geometry, its rings closed",
        "une géométrie GeoJSON, aux anneaux fermés",
    ),
    "JSON": (
        "JSON",
        "du JSON",
    ),
    "WKB": (
        "WKB in hexadecimal digits",
        "du WKB en chiffres hexadécimaux",
    ),
    "relation": (
        "{function}() takes a geo field and geom'…'.",
        "{function}() prend un champ géographique et geom'…'.",
    ),
    "box": (
        "in_bbox() takes a geo field, then lat1, lon1, lat2, lon2.",
        "in_bbox() prend un champ géographique, puis lat1, lon1, lat2, lon2.",
    ),
    "distance": (
        "{function}() takes a geo field and geom'POINT(lon lat)'.",
        "{function}() prend un champ géographique et geom'POINT(lon lat)'.",
    ),
    "within distance": (
        "{function}() takes a geo field, geom'POINT(lon lat)', and a distance such as 10km.",
        "{function}() prend un champ géographique, geom'POINT(lon lat)' et une distance telle que 10km.",
    ),
    "one place": (
        "{function}() takes one geo field.",
        "{function}() prend un champ géographique.",
    ),
    "cluster": (
        "geo_cluster() takes a geo_point_2d field, a zoom from 0 to 25 and a radius in pixels.",
        "geo_cluster() prend un champ geo_point_2d, un zoom de 0 à 25 et un rayon en pixels.",
    ),
    "place first": (
        "{function}() begins with a geo_point_2d or geo_shape field.",
        "{function}() commence par un champ geo_point_2d ou geo_shape.",
    ),
    "distance unit": (
        "A distance has a unit among {units}.",
        "Une distance a une unité parmi {units}.",
    ),
    "end of line": (
        "end of line",
        "fin de ligne",
    ),
    "operand": (
        "a name, a value or (",
        "un nom, une valeur ou (",
    ),
    "keyword": (
        "a name or a value (a field named like a keyword goes between backquotes)",
        "un nom ou une valeur (un champ nommé comme un mot-clé s’écrit entre accents graves)",
    ),
    "a name": (
        "a name",
        "un nom",
    ),
    "end": (
        "an operator or the end of the clause",
        "un opérateur ou la fin de la clause",
    ),
    "comparison end": (
        "and, or, or the end of the clause",
        "and, or, ou la fin de la clause",
    ),
    "in": (
        "( or [ or ] or a field",
        "( ou [ ou ] ou un champ",
    ),
    "search text": (
        "{function}() ends with a text between quotes.",
        "{function}() finit par un texte entre guillemets.",
    ),
    "search field": (
        "{function}() looks into text fields.",
        "{function}() cherche dans des champs de texte.",
    ),
    "now arguments": (
        "now() takes whole numbers up to {most}, named as in days=-7, months=1 or year=2020.",
        "now() prend des nombres entiers jusqu’à {most}, nommés comme dans days=-7, months=1 ou year=2020.",
    ),
    "now unknown": (
        "now() does not know {names}.{hint}",
        "now() ne connaît pas {names}.{hint}",
    ),
    "format arguments": (
        "date_format() takes a date or datetime field and a pattern between quotes.",
        "date_format() prend un champ de date et un modèle entre guillemets.",
    ),
    "format letters": (
        "date_format() does not know {found}.",
        "date_format() ne connaît pas {found}.",
    ),
    "range arguments": (
        "range() takes a number or a date, then bounds, a width, or a unit such as 1 day.",
        "range() prend un nombre ou une date, puis des bornes, une largeur ou une unité telle que 1 day.",
    ),
    "range unit": (
        "range() takes 1 week, 1 month, 1 quarter, 1 year, or any whole number of days or shorter units.",
        "range() prend 1 week, 1 month, 1 quarter, 1 year, ou un nombre entier de jours ou d’unités plus courtes.",
    ),
    "range width": (
        "range() takes a width from {least} to {most}.",
        "range() prend une largeur de {least} à {most}.",
    ),
    "range bounds": (
        "range() takes two bounds or more; only the first and the last may be *.",
        "range() prend au moins deux bornes ; seules la première et la dernière peuvent être *.",
    ),
    "range order": (
        "range() takes its bounds in order.",
        "range() prend ses bornes dans l’ordre.",
    ),
    "date bounds": (
        "range() takes dates or * as bounds.",
        "range() prend des dates ou * comme bornes.",
    ),
    "number bounds": (
        "range() takes numbers or * as bounds.",
        "range() prend des nombres ou * comme bornes.",
    ),
    "condition": (
        "A condition was expected, such as field = value or a boolean field.",
        "Une condition est attendue, telle que champ = valeur ou un champ booléen.",
    ),
    "value": (
        "A value was expected, a condition was found.",
        "Une valeur est attendue, une condition a été trouvée.",
    ),
    "misplaced": (
        "{found} is not expected here.",
        "{found} n’est pas attendu ici.",
    ),
    "date": (
        "Invalid date to parse '{text}'.",
        "« {text} » n’est pas une date.",
    ),
    "one value": (
        "One value was expected, {found} holds several.",
        "Une seule valeur est attendue, {found} en contient plusieurs.",
    ),
    "arithmetic": (
        "Arithmetic takes numbers, {found} was found.",
        "Le calcul prend des nombres, {found} a été trouvé.",
    ),
    "like": (
        "LIKE compares texts, {found} was found.",
        "LIKE compare des textes, {found} a été trouvé.",
    ),
    "boolean order": (
        "Booleans have no order.",
        "Les booléens n’ont pas d’ordre.",
    ),
    "is": (
        "IS {what} takes a boolean, {found} was found.",
        "IS {what} prend un booléen, {found} a été trouvé.",
    ),
    "function here": (
        "{function}() is not allowed in {clause}.",
        "{function}() n’est pas admis dans {clause}.",
    ),
    "nested aggregate": (
        "{function}() cannot hold another aggregate.",
        "{function}() ne peut contenir un autre agrégat.",
    ),
    "arguments": (
        "{function}() takes {wanted} argument(s), {found} found.",
        "{function}() prend {wanted} argument(s), {found} trouvé(s).",
    ),
    "distinct": (
        "DISTINCT belongs in count(distinct field).",
        "DISTINCT ne s’emploie que dans count(distinct champ).",
    ),
    "not served": (
        '{function}() is not served here: search("…") finds words, order_by sorts.',
        '{function}() n’est pas servi ici : search("…") cherche des mots, order_by trie.',
    ),
    "no group": (
        "{function}() stands in group_by; select and order_by may repeat it then.",
        "{function}() se met dans group_by ; select et order_by peuvent alors le répéter.",
    ),
    "nothing shown": (
        "select leaves no field to show.",
        "select ne laisse aucun champ à montrer.",
    ),
    "statistics": (
        "StatAggregation only supports numeric or date expression.",
        "Cet agrégat ne prend que des nombres ou des dates.",
    ),
    "argument": (
        "{function}() takes {wanted}, {found} was found.",
        "{function}() prend {wanted}, {found} a été trouvé.",
    ),
    "percent": (
        "{function}() takes a number from 0 to 100.",
        "{function}() prend un nombre de 0 à 100.",
    ),
    "a value": (
        "a value of type {type}",
        "une valeur de type {type}",
    ),
    "known function": (
        "a known function",
        "une fonction connue",
    ),
    "near": (
        " Did you mean {names}?",
        " Vouliez-vous dire {names} ?",
    ),
    "epsg": (
        "the EPSG code of a coordinate system",
        "le code EPSG d’un système de coordonnées",
    ),
    "zone": (
        "an IANA time zone",
        "un fuseau horaire de l’IANA",
    ),
}


def reason(why: str, **data: object) -> Phrase:
    """Return the sentence of a row, in both languages, with its data."""
    en, fr = REASONS[why]
    return Phrase(en.format(**data), fr.format(**{name: french(value) for name, value in data.items()}))


def over(what: str, most: int) -> LimitExceeded:
    """Return the error of a query over one of its limits."""
    name, measure = LIMITS[what]
    return LimitExceeded(what=name, limit=Phrase(measure.format(most=most), measure.fr.format(most=most)))


def alternatives(words: Sequence[str]) -> Phrase:
    """Return "a or b", in both languages."""
    return Phrase(" or ".join(words), " ou ".join(words))


def french(value: object) -> object:
    """Return what a value is called in French."""
    return value.fr if isinstance(value, Phrase) else value

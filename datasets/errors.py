"""Every error that the lower floors raise: one tree, data first, messages built from the data.

    PortalError
    ├── NotFound                 a dataset, version, record or attachment that is not there
    │   └── Withdrawn            a dataset that was there, and is served no more
    ├── QueryError               a query that cannot be answered (has a clause)
    │   ├── ParseError           the text does not follow the grammar
    │   │   └── UnknownFunction  a function that the language does not hold
    │   ├── UnknownField         a name that the schema does not hold
    │   ├── WrongType            an operand of another type than expected
    │   ├── IncompatibleTypes    two operands that cannot be compared
    │   └── NotAllowed           something valid elsewhere, not in this clause
    ├── InvalidParameter         a request parameter out of its range
    │   └── PageTooFar           a page beyond those that are served
    ├── LimitExceeded            a query over its time, memory or size
    ├── Busy                     work that found no turn: too much is asked at once
    ├── IngestError              a file that cannot become rows
    │   ├── EmptyFile            a file that holds nothing
    │   ├── NotText              a file that is not made of text
    │   ├── UnclosedQuote        a quotation mark that swallows the rest of the file
    │   ├── BrokenJson           a GeoJSON file that cannot be read
    │   ├── NotDegrees           shapes in another system of coordinates than WGS 84
    │   ├── FileTooLarge         a file over the limit of this portal
    │   ├── UnknownFormat        a file of a kind that the portal does not read
    │   ├── BrokenFile           a workbook, a layer or another file that its own format refuses
    │   ├── BrokenArchive        a zip or gzip file that is damaged
    │   ├── EncryptedArchive     a file under a password
    │   ├── TooManyBytes         an archive that holds far more than it should
    │   ├── CellTooLong          a cell, or a line, over the limit of length
    │   ├── TooManyColumns       a table over the limit of columns
    │   ├── FileChanged          a file that changed while it was read
    │   ├── UnknownSystem        a coordinate system that PROJ does not know
    │   ├── UnknownOption        an option of reading that does not exist, or cannot have this value
    │   ├── UnknownColumnType    a type declared for a column that the portal does not know
    │   ├── RowsRefused          rows of which some values cannot be read, where all must be
    │   ├── SchemaMismatch       rows that have not the fields of the dataset they come to
    │   ├── KeyRepeated          several rows with the key that should tell them apart
    │   ├── KeyConflict          a row whose key is there already, or is not
    │   ├── BrokenDescriptor     a Table Schema that cannot be read
    │   ├── StepProblem          why a transformation cannot be made, before it is known which one it is
    │   └── StepRefused          a transformation that cannot be made
    ├── RecordsError             programming records that cannot be read
    │   ├── MissingTable         a table that is not in the folder
    │   ├── MissingColumn        a table without a column that is needed
    │   ├── EmptyTable           a table without a header
    │   └── UnreadableTable      a table that is no CSV text
    ├── DisclosureError          a table that may not be released
    ├── StoreError               a version that cannot be written or read
    │   └── DiskFull             no room left for a file
    ├── StoreUnavailable         a database that does not answer, or was moved away
    ├── AuthenticationFailed     an API key that no one holds
    │   └── KeyExpired           an API key whose last day is over
    ├── PermissionDenied         something known that this client may not have
    │   └── OutOfScope           an API key that was made for something else
    ├── CrossSiteRequest         a form sent from another site
    ├── Conflict                 what was to be changed is no longer what it was
    ├── FetchRefused             an address that is not fetched, or did not answer as it should
    ├── Locked                   another process is at work on the same instance
    └── SettingError             a setting with a wrong value

No HTTP status lives here (`portal/errors.py` maps the tree to answers). Each class holds its message in
English and in French; `str(error)` is the English one, `error.message("fr")` the French one.
"""

from typing import Any, ClassVar

LONG_TEXT, SHOWN, SHOWN_BEFORE = 200, 80, 40
"""Beyond how many characters a clause is cut in errors; those shown of a line, and at most before the place."""


class Phrase(str):
    """A text in English that knows itself in French (`fr`): data of an error that people read."""

    fr: str

    def __new__(cls, en: str, fr: str = "") -> "Phrase":
        phrase = super().__new__(cls, en)
        phrase.fr = fr or en
        return phrase


class PortalError(Exception):
    """The root of the tree: keeps its data as attributes and builds its message from them."""

    code: ClassVar[str] = "PortalError"
    en: ClassVar[str] = "Something went wrong."
    fr: ClassVar[str] = "Une erreur est survenue."

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(self.message("en"))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __str__(self) -> str:
        return self.message("en")

    def message(self, lang: str = "en") -> str:
        """Return the message in `lang` ("fr" or "en"), built from the data."""
        if lang != "fr":
            return self.en.format(**self.shown)
        return self.fr.format(**{k: v.fr if isinstance(v, Phrase) else v for k, v in self.shown.items()})

    @property
    def shown(self) -> dict[str, Any]:
        """The data as the message shows them."""
        return self.data

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.data)


def _around(text: str, position: int) -> tuple[str, int]:
    """Return the line of a text that holds a position, or the part of it around there, and the column of the place."""
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].partition("\n")[0].replace("\t", " ").rstrip()
    column = position - start
    cut = max(0, column - SHOWN_BEFORE)
    shown = ("…" if cut else "") + line[cut : cut + SHOWN] + ("…" if len(line) > cut + SHOWN else "")
    return shown, column - cut + bool(cut)


def _rebuild(kind: type[PortalError], data: dict[str, Any]) -> PortalError:
    return kind(**data)


class NotFound(PortalError):
    """What was asked for does not exist: `kind` ("dataset", "record"…) and `name`."""

    code = "NotFoundResource"
    en = "The requested {kind} {name} does not exist."
    fr = "L’élément demandé n’existe pas : {kind} {name}."
    kinds: ClassVar[dict[str, str]] = {
        "API key": "clé d’API",
        "account": "compte",
        "alternative export": "export complémentaire",
        "attachment": "pièce jointe",
        "dataset": "jeu de données",
        "draft": "brouillon",
        "field": "champ",
        "file": "fichier",
        "organisation": "organisation",
        "record": "enregistrement",
        "request": "demande",
        "source": "source",
        "version": "version",
    }

    def __init__(self, *, kind: str, name: str) -> None:
        super().__init__(kind=Phrase(kind, self.kinds[kind]), name=name)


class Withdrawn(NotFound):
    """A dataset (`name`) that is served no more: `reason` says why."""

    code = "Gone"
    en = "The requested dataset {name} was withdrawn: {reason}"
    fr = "Le jeu de données demandé, {name}, a été retiré : {reason}"

    def __init__(self, *, name: str, reason: str) -> None:
        PortalError.__init__(self, name=name, reason=reason)


class QueryError(PortalError):
    """A query that cannot be answered: `detail` says why, `clause` where.

    When the `text` of the clause and the `position` in it (from 0) are known, the message ends with the line in
    question, and a caret under the place.
    """

    code = "ODSQLError"
    en = "ODSQL query is malformed: {detail} Clause(s) containing the error(s): {clause}."
    fr = "Requête ODSQL incorrecte : {detail} Clause(s) en cause : {clause}."

    def locate(self, **place: Any) -> None:
        """Say the `position`, the `text` or the `clause`, unless the error knows better."""
        self.data |= {name: value for name, value in place.items() if self.data.get(name, "") == ""}

    @property
    def shown(self) -> dict[str, Any]:
        """The data, of a long text what is around the place."""
        text, position = self.data.get("text", ""), self.data.get("position") or 0
        return self.data | {"text": _around(text, position)[0]} if len(text) > LONG_TEXT else self.data

    def message(self, lang: str = "en") -> str:
        """Return the message in `lang`, with the place under it when it is known."""
        text, position = self.data.get("text", ""), self.data.get("position", "")
        if not text or position == "":
            return super().message(lang)
        line, column = _around(text, position)
        return f"{super().message(lang)}\n{line}\n{' ' * column}^ position {position}"


class ParseError(QueryError):
    """A text outside the grammar: `found` at `position` of `clause`, in `text`; `expected` says what would fit."""

    code = "ODSQLSyntaxError"
    en = (
        "ODSQL syntax exception: unexpected {found} at position {position} in {text} "
        "(expected {expected}). Clause(s) containing the error(s): {clause}."
    )
    fr = (
        "Erreur de syntaxe ODSQL : élément inattendu ({found}) en position {position} dans {text} "
        "(attendu : {expected}). Clause(s) en cause : {clause}."
    )


class UnknownField(QueryError):
    """A field that the schema does not hold: `name`, and `hint` with near names (may be empty)."""

    en = "ODSQL query is malformed: Unknown field: {name}.{hint} Clause(s) containing the error(s): {clause}."
    fr = "Requête ODSQL incorrecte : champ inconnu : {name}.{hint} Clause(s) en cause : {clause}."


class UnknownFunction(ParseError):
    """A function that the language does not hold: `name`, and `hint` with near names (may be empty)."""

    en = (
        "ODSQL syntax exception: unexpected {found} at position {position} in {text}. "
        "Unknown function: {name}.{hint} Clause(s) containing the error(s): {clause}."
    )
    fr = (
        "Erreur de syntaxe ODSQL : élément inattendu ({found}) en position {position} dans {text}. "
        "Fonction inconnue : {name}.{hint} Clause(s) en cause : {clause}."
    )


class WrongType(QueryError):
    """An operand of another type than the one expected; `detail` says which."""


class IncompatibleTypes(QueryError):
    """Two operands of types `left` and `right` that cannot be compared."""

    code = "IncompatibleTypesInComparisonFilter"
    en = (
        "Incompatible types in comparison filter. Left type: {left}, right_type: {right}. "
        "Clause(s) containing the error(s): {clause}."
    )
    fr = (
        "Types incompatibles dans une comparaison. Type de gauche : {left}, type de droite : {right}. "
        "Clause(s) en cause : {clause}."
    )


class NotAllowed(QueryError):
    """Something valid elsewhere but not in this clause; `detail` says what."""


class InvalidParameter(PortalError):
    """A request parameter out of its range: `name`, what was `found`, what was `expected`."""

    code = "InvalidRESTParameterError"
    en = "Invalid value for {name} API parameter: {found} was found but {expected} is expected."
    fr = "Valeur incorrecte pour le paramètre {name} : {found} a été trouvé (attendu : {expected})."


class PageTooFar(InvalidParameter):
    """A page beyond those that are served: the same data, and where everything is."""

    en = InvalidParameter.en + " Use /exports, which gives everything."
    fr = InvalidParameter.fr + " Utilisez /exports, qui donne tout."


class LimitExceeded(PortalError):
    """A query over its limit: `what` ("time", "memory", "length", "depth") and the `limit`."""

    code = "LimitExceeded"
    en = "The query was stopped: it needs more than the limit of {what} ({limit}). Narrow it and try again."
    fr = "La requête a été arrêtée : elle dépasse la limite de {what} ({limit}). Précisez-la et réessayez."


class Busy(PortalError):
    """Work that found no turn: too much is asked at once; in `seconds` it may be tried again."""

    code = "Busy"
    en = "Too much is being asked at once. Try again in {seconds} s, and ask one thing after the other."
    fr = "Trop de demandes à la fois. Réessayez dans {seconds} s, une demande après l’autre."


class IngestError(PortalError):
    """A file that cannot become rows: `where`, what was `found`, what was `expected`, what to do (`advice`)."""

    code = "IngestError"
    en = "{where}: {found} was found, {expected} was expected. {advice}"
    fr = "{where} : {found} trouvé, {expected} attendu. {advice}"


class EmptyFile(IngestError):
    """A file (`name`) that holds nothing, or only a header."""

    en = "{name}: the file holds no row. At least a line of titles and one row were expected. Export the table again."
    fr = (
        "{name} : le fichier ne contient aucune ligne. Il faut au moins une ligne de titres et une ligne "
        "de données. Exportez de nouveau le tableau."
    )


class NotText(IngestError):
    """A file (`name`) with bytes that no text holds, first at `offset`."""

    en = (
        "{name}, byte {offset}: this is not text, nor a workbook or a layer that is read here. "
        "Save the table as CSV (UTF-8) and send that file."
    )
    fr = (
        "{name}, octet {offset} : ce n’est ni du texte, ni un classeur ou une couche connus. "
        "Enregistrez le tableau au format CSV (UTF-8) et envoyez ce fichier."
    )


class UnclosedQuote(IngestError):
    """A quotation mark opened in `row` of the file `name` and never closed."""

    en = (
        "{name}, row {row}: a quotation mark is opened and never closed, so that the rest of the file is read "
        "as one cell. Close it, or double it if it belongs to the text."
    )
    fr = (
        "{name}, ligne {row} : un guillemet est ouvert et jamais fermé ; la suite du fichier est lue comme une "
        "seule cellule. Fermez-le, ou doublez-le s’il fait partie du texte."
    )


class BrokenJson(IngestError):
    """A JSON file (`name`) that cannot be read at `line` and `column`: `found` says what is there."""

    en = (
        "{name}, line {line}, column {column}: {found}. A whole JSON or GeoJSON document was expected. "
        "Export it again, or correct this place."
    )
    fr = (
        "{name}, ligne {line}, colonne {column} : {found}. Un document JSON ou GeoJSON entier était attendu. "
        "Exportez-le de nouveau, ou corrigez cet endroit."
    )


class NotDegrees(IngestError):
    """A GeoJSON file (`name`) none of whose shapes is in degrees of longitude and latitude; `found` is the first."""

    en = (
        "{name}: no shape is in degrees of longitude and latitude (first one: {found}). "
        "Export the layer again in WGS 84 (EPSG:4326)."
    )
    fr = (
        "{name} : aucune forme n’est en degrés de longitude et de latitude (la première : {found}). "
        "Exportez de nouveau la couche en WGS 84 (EPSG:4326)."
    )


class FileTooLarge(IngestError):
    """A file (`name`) over the `limit` of this portal, in words ("200 MB")."""

    en = "{name}: the file is over the limit of this portal ({limit}). Split it, or ask the portal’s team."
    fr = "{name} : fichier plus gros que la limite de ce portail ({limit}). Découpez-le, ou demandez à l’équipe."


class UnknownFormat(IngestError):
    """A file (`name`) of a kind that the portal does not read: `found` says which one it seems to be."""

    en = (
        "{name}: this seems to be {found}. A table (CSV, XLSX, XLS, ODS, JSON, Parquet) or a geographic layer "
        "(GeoJSON, Shapefile, GeoPackage, KML, GPX) was expected. Save the table as CSV (UTF-8) and send that file."
    )
    fr = (
        "{name} : ce fichier semble être {found}. Un tableau (CSV, XLSX, XLS, ODS, JSON, Parquet) ou une couche "
        "géographique (GeoJSON, Shapefile, GeoPackage, KML, GPX) était attendu. Enregistrez le tableau au format "
        "CSV (UTF-8) et envoyez ce fichier."
    )


class BrokenFile(IngestError):
    """A file (`name`) of a known `format` that cannot be read: `found` is what its reader says."""

    en = "{name}: this {format} file cannot be read ({found}). Open it, save it again, and send the new file."
    fr = "{name} : ce fichier {format} ne peut être lu ({found}). Ouvrez-le, enregistrez-le de nouveau et renvoyez-le."


class BrokenArchive(IngestError):
    """A compressed file (`name`) that is damaged or incomplete."""

    en = "{name}: this compressed file is damaged or incomplete. Compress it again, or send it as it is."
    fr = "{name} : ce fichier compressé est abîmé ou incomplet. Compressez-le à nouveau, ou envoyez-le tel quel."


class EncryptedArchive(IngestError):
    """A file (`name`) that only a password opens."""

    en = "{name}: this file is under a password. Save it without one and send it again."
    fr = "{name} : ce fichier est protégé par un mot de passe. Enregistrez-le sans mot de passe et renvoyez-le."


class TooManyBytes(IngestError):
    """A compressed file (`name`) that holds far more than it should."""

    en = "{name}: this compressed file holds far too much for its size. Opening it was stopped. Send the table alone."
    fr = (
        "{name} : ce fichier compressé contient beaucoup trop pour sa taille. L’ouverture a été arrêtée. "
        "Envoyez le tableau seul."
    )


class CellTooLong(IngestError):
    """A cell or a line (`row`) of the file `name` over the `limit` of characters."""

    en = "{name}, row {row}: a cell or a line is over {limit} characters. Check the delimiters and the line ends."
    fr = "{name}, ligne {row} : une case ou une ligne dépasse {limit} caractères. Vérifiez les séparateurs."


class TooManyColumns(IngestError):
    """A table (`name`) with more columns (`found`) than the `limit`."""

    en = "{name}: {found} columns were found, the limit is {limit}. Turn the table round, or cut it into several."
    fr = "{name} : {found} colonnes trouvées, la limite est de {limit}. Tournez le tableau, ou coupez-le en plusieurs."


class FileChanged(IngestError):
    """A file (`name`) that changed while it was read."""

    en = "{name}: the file changed while it was read. Wait until it is complete, then send it again."
    fr = "{name} : le fichier a changé pendant sa lecture. Attendez qu’il soit complet, puis renvoyez-le."


class UnknownSystem(IngestError):
    """A coordinate system (`found`) of the file `name` that PROJ does not know."""

    en = "{name}: the coordinate system {found} is not known. Give its EPSG code, or export the layer in WGS 84."
    fr = "{name} : le système de coordonnées {found} est inconnu. Donnez son code EPSG, ou exportez en WGS 84."


class UnknownOption(IngestError):
    """An option of reading (`name`) that does not exist, or that cannot have this `value`."""

    en = "The option of reading “{name}” does not exist or cannot be “{value}”. Leave it empty."
    fr = "L’option de lecture « {name} » n’existe pas ou ne peut valoir « {value} ». Laissez-la vide."


class UnknownColumnType(IngestError):
    """A column type that the portal does not know: what was `found`, what was `expected`."""

    en = "The column type {found} is unknown. Use one of: {expected}."
    fr = "Le type de colonne {found} est inconnu. Choisissez parmi : {expected}."


class RowsRefused(IngestError):
    """Rows where all must be right and `count` values are not: `found` tells the first one, `row` its place.

    The whole `report` comes along.
    """

    en = "{count} values were refused, first on row {row}: {found}. Nothing was changed. Correct them and start again."
    fr = (
        "{count} valeurs ont été refusées, la première à la ligne {row} : {found}. Rien n’a été changé. "
        "Corrigez-les et recommencez."
    )


class SchemaMismatch(IngestError):
    """Rows whose fields (`found`) are not, or not so, among those of the dataset (`expected`)."""

    en = (
        "These fields are missing, unknown or of another type: {found}. The dataset has: {expected}. "
        "Rename or remove them, or replace the whole dataset."
    )
    fr = (
        "Ces champs manquent, sont inconnus ou d’un autre type : {found}. Le jeu de données a : {expected}. "
        "Renommez-les, retirez-les, ou remplacez tout le jeu de données."
    )


class KeyRepeated(IngestError):
    """Several rows with one `key`: `found` tells the first ones."""

    en = "Several rows have the same key ({key}): {found}. Choose a key that tells rows apart, or remove the doubles."
    fr = (
        "Plusieurs lignes ont la même clé ({key}) : {found}. Choisissez une clé qui distingue les lignes, "
        "ou retirez les doublons."
    )


class KeyConflict(IngestError):
    """Rows whose `key` is `there` already and should not be, or is not and should: `found` tells the first ones."""

    en = "Rows whose key ({key}) is {there}: {found}. Nothing was changed. Correct them, or choose another update."
    fr = (
        "Des lignes dont la clé ({key}) {there} : {found}. Rien n’a été changé. Corrigez-les, ou choisissez "
        "une autre mise à jour."
    )

    def __init__(self, *, key: str, found: str, there: Any) -> None:
        known = Phrase("there already", "est déjà présente") if there else Phrase("unknown", "est inconnue")
        super().__init__(key=key, found=found, there=there if isinstance(there, Phrase) else known)


class BrokenDescriptor(IngestError):
    """A Table Schema that cannot be read: `where`, what was `found`, what was `expected`."""

    en = "Table Schema, {where}: {found} was found, {expected} was expected. Correct the descriptor."
    fr = "Table Schema, {where} : {found} trouvé, {expected} attendu. Corrigez le descripteur."


class StepProblem(IngestError):
    """Why a transformation cannot be made (`reason`), before it is known which one it is."""

    en = "{reason}"
    fr = "{reason}"


class StepRefused(IngestError):
    """A transformation that cannot be made: its rank (`place`), its `step`, and why (`reason`)."""

    en = "Transformation {place} ({step}): {reason}"
    fr = "Transformation {place} ({step}) : {reason}"


class RecordsError(IngestError):
    """Programming records that cannot be read at all (a missing table, a missing column)."""

    code = "RecordsError"


class MissingTable(RecordsError):
    """A table (`name`) that the folder `where` does not hold; `found` lists the files that it holds."""

    en = "{where}: the table {name} is missing (found: {found}). Export the ten tables into one folder."
    fr = "{where} : la table {name} manque (trouvé : {found}). Exportez les dix tables dans un même dossier."


class EmptyTable(RecordsError):
    """A table (`where`) without even a header."""

    en = "{where}: the file is empty. A header and rows were expected. Export the table again."
    fr = "{where} : le fichier est vide. Un en-tête et des lignes étaient attendus. Exportez de nouveau la table."


class MissingColumn(RecordsError):
    """A table (`where`) without some `expected` columns; `found` is its header."""

    en = "{where}: the columns {expected} are missing (found: {found}). Add them, even empty, or rename yours."
    fr = "{where} : il manque les colonnes {expected} (trouvé : {found}). Ajoutez-les, même vides, ou renommez."


class UnreadableTable(RecordsError):
    """A table (`where`) that is no CSV text: `found`, `expected`."""

    en = "{where}: {found} was found, {expected} was expected. Save the table as CSV, encoded in UTF-8."
    fr = "{where} : {found} trouvé, {expected} attendu. Enregistrez la table en CSV, encodé en UTF-8."


class DisclosureError(PortalError):
    """A table that may not be released: `table` and `reason`."""

    code = "DisclosureError"
    en = "{table} may not be released: {reason}"
    fr = "{table} ne peut pas être diffusé : {reason}"


class StoreError(PortalError):
    """A version that cannot be written or read: `what` and `reason`."""

    code = "StoreError"
    en = "{what}: {reason}"
    fr = "{what} : {reason}"


class DiskFull(StoreError):
    """There is no room for `what` on the disk of the portal."""

    code = "DiskFull"
    en = "{what}: there is no room left on the portal for this file. It was not kept; try later, or tell the team."
    fr = "{what} : il n’y a plus de place sur le portail. Rien n’est gardé ; réessayez plus tard ou prévenez l’équipe."


class StoreUnavailable(PortalError):
    """A database (`name`) that cannot be used now: `reason` says what its engine answered."""

    code = "StoreUnavailable"
    en = "The {name} database is unavailable: {reason}. What depends on it is closed; the open data stays open."
    fr = (
        "La base {name} est indisponible : {reason}. Ce qui en dépend est fermé ; "
        "les données ouvertes restent ouvertes."
    )


class AuthenticationFailed(PortalError):
    """An API key that no one holds, or no more."""

    code = "AuthenticationError"
    en = "The API key is unknown or was revoked. Check it, or leave it out: open data need none."
    fr = "La clé d’API est inconnue ou révoquée. Vérifiez-la, ou retirez-la : les données ouvertes s’en passent."


class KeyExpired(AuthenticationFailed):
    """An API key that is known, but no longer good: `day` is the last one on which it was."""

    code = "KeyExpired"
    en = "This API key expired on {day}. Make a new one in your account, or leave it out: open data need none."
    fr = (
        "Cette clé d’API a expiré le {day}. Créez-en une autre dans votre compte, ou retirez-la : les données "
        "ouvertes s’en passent."
    )


class PermissionDenied(PortalError):
    """Something that exists but that this client may not have."""

    code = "ForbiddenAccess"
    en = "You don't have permission to access the requested resource"
    fr = "Vous n’avez pas le droit d’accéder à cette ressource"


class OutOfScope(PermissionDenied):
    """An API key used for something that it was not made for: `needed` is the scope, `held` those of the key."""

    code = "OutOfScope"
    en = "This API key may not do this: the scope “{needed}” is needed, it has “{held}”. Make another key for it."
    fr = "Cette clé d’API ne permet pas cela : il faut la portée « {needed} », elle a « {held} ». Créez-en une autre."


class CrossSiteRequest(PortalError):
    """A change asked from a page of another site: `origin` says which."""

    code = "CrossSiteRequest"
    en = "This request comes from another site ({origin}) and was refused. Open the page here and try again."
    fr = "Cette demande vient d’un autre site ({origin}) et a été refusée. Ouvrez la page ici et recommencez."


class Conflict(PortalError):
    """Something (`name`) that changed since it was read, or a request already used for something else; `reason`."""

    code = "Conflict"
    en = "{name}: {reason} Nothing was changed."
    fr = "{name} : {reason} Rien n’a été changé."


class FetchRefused(PortalError):
    """An `address` that is not fetched, or did not answer as it should: `reason` says why."""

    code = "FetchRefused"
    en = "{address}: {reason}"
    fr = "{address} : {reason}"


class Locked(PortalError):
    """Another process (`holder`) is at work on the same instance (`instance`)."""

    code = "Locked"
    en = "The instance {instance} is in use by {holder}. Stop it first, or choose another with PORTAL_INSTANCE."
    fr = "L’instance {instance} est utilisée par {holder}. Arrêtez-le, ou choisissez-en une autre (PORTAL_INSTANCE)."


class SettingError(PortalError):
    """A setting with a wrong value: `name`, `found`, `expected`."""

    code = "SettingError"
    en = "Setting {name}: {found} was found, {expected} is expected."
    fr = "Réglage {name} : {found} trouvé, {expected} attendu."

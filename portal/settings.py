"""What an operator may choose: one table, read from the environment (`PORTAL_…`), checked once at start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from limits import parse_many

from datasets.errors import SettingError

PREFIX = "PORTAL_"
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Kind:
    """A kind of value: how a text becomes it, and what to say when it does not."""

    parse: Callable[[str], Any]
    expected: str


def _parse_boolean(text: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    return words[text.strip().lower()]


def _parse_count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _parse_number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _parse_seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number


def _parse_language(text: str) -> str:
    return {"fr": "fr", "en": "en"}[text]


def _parse_size(text: str) -> int:
    units = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    for unit, factor in units.items():
        if text.endswith(unit):
            return int(float(text.removesuffix(unit)) * factor)
    return _parse_count(text)


def _parse_levels(text: str) -> tuple[str, ...]:
    levels = tuple(sorted(set(text.split())))
    if not {"L0", "L1", "L4"} <= set(levels) <= {"L0", "L1", "L2", "L3", "L4", "L5"}:
        raise ValueError(text)
    return levels


def _parse_limits(text: str) -> str:
    parse_many(text)
    return text


def _parse_address(text: str) -> str:
    if not text.startswith(("http://", "https://")) or text.endswith("/"):
        raise ValueError(text)
    return text


def _parse_tiles(text: str) -> str:
    if text and not (text.startswith(("http://", "https://")) and all(name in text for name in ("{z}", "{x}", "{y}"))):
        raise ValueError(text)
    return text


TEXT = Kind(str, "a text")
FOLDER = Kind(lambda text: Path(text).resolve(), "a folder")
FILE = Kind(lambda text: Path(text).resolve(), "a file")
BOOLEAN = Kind(_parse_boolean, "true or false")
COUNT = Kind(_parse_count, "a whole number of at least 1")
NUMBER = Kind(_parse_number, "a whole number, 0 or more")
SECONDS = Kind(_parse_seconds, "a number of seconds above 0")
LANGUAGE = Kind(_parse_language, "fr or en")
SIZE = Kind(_parse_size, "a number of bytes, such as 2GiB or 500MB")
LEVELS = Kind(_parse_levels, "L0 L1 L4, and if wished L5 (whole numbers), L2 (a contributor), L3 (two)")
LIMITS = Kind(_parse_limits, 'limits such as "20000 per day" or "10/minute;50/hour"')
TILES = Kind(_parse_tiles, "an address with {z}, {x} and {y}, such as https://tiles.example.org/{z}/{x}/{y}.png")
ADDRESS = Kind(_parse_address, "an address such as https://data.example.org, without a final slash")


@dataclass(frozen=True)
class Setting:
    """One choice of the operator. A `default` may name other settings in braces, such as {instance}."""

    name: str
    kind: Kind
    default: str
    en: str
    fr: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "instance",
        FOLDER,
        "instance",
        "Folder that holds everything the portal writes",
        "Dossier où le portail écrit tout",
    ),
    Setting(
        "packages",
        FOLDER,
        f"{PROJECT / 'node_modules'}",
        "Folder of the browser libraries and reference geography",
        "Dossier des bibliothèques de navigateur et de la géographie de référence",
    ),
    # Identity of the installation
    Setting("site_name", TEXT, "Données culturelles du Gers", "Name of the site", "Nom du site"),
    Setting(
        "base_url",
        ADDRESS,
        "http://127.0.0.1:8000",
        "Public address of the site (the server’s own when it is not set)",
        "Adresse publique du site",
    ),
    Setting(
        "language",
        LANGUAGE,
        "fr",
        "Language when the reader states none",
        "Langue quand le lecteur n’en indique pas",
    ),
    Setting(
        "controller",
        TEXT,
        "Département de démonstration",
        "Controller of the processing (GDPR art. 4)",
        "Responsable de traitement (RGPD, art. 4)",
    ),
    Setting(
        "publisher",
        TEXT,
        "Département de démonstration",
        "Publisher shown beside the datasets",
        "Diffuseur affiché à côté des jeux de données",
    ),
    Setting(
        "officer_name",
        TEXT,
        "Déléguée de démonstration",
        "Data-protection officer",
        "Délégué à la protection des données",
    ),
    Setting(
        "officer_email",
        TEXT,
        "dpd@example.invalid",
        "Address of the data-protection officer",
        "Adresse du délégué à la protection des données",
    ),
    Setting(
        "rights_address",
        TEXT,
        "1 rue de la Démonstration, 32000 Auch",
        "Postal address for exercising rights",
        "Adresse postale pour exercer ses droits",
    ),
    Setting(
        "hosting_company",
        TEXT,
        "Hébergeur de démonstration",
        "Company that hosts the portal",
        "Société qui héberge le portail",
    ),
    Setting(
        "hosting_place",
        TEXT,
        "France",
        "Country where the data are hosted",
        "Pays où les données sont hébergées",
    ),
    Setting(
        "hosting_hosts",
        TEXT,
        "",
        "Other machines that may hold data or carry letters, separated by commas",
        "Autres machines qui peuvent garder des données ou porter des lettres, séparées par des virgules",
    ),
    Setting(
        "licence",
        TEXT,
        "licence-ouverte-2.0",
        "Licence of a dataset that states none",
        "Licence d’un jeu de données qui n’en indique pas",
    ),
    Setting(
        "demonstration",
        BOOLEAN,
        "true",
        "Whether the site says that it is a demonstration",
        "Indique si le site se présente comme une démonstration",
    ),
    # Stores
    Setting(
        "catalogue_url",
        TEXT,
        "sqlite:///{instance}/catalogue.sqlite",
        "Database of the catalogue",
        "Base de données du catalogue",
        secret=True,
    ),
    Setting(
        "accounts_url",
        TEXT,
        "sqlite:///{instance}/accounts.sqlite",
        "Database of the accounts",
        "Base de données des comptes",
        secret=True,
    ),
    Setting(
        "keys_url",
        TEXT,
        "sqlite:///{instance}/keys.sqlite",
        "Database of the keys",
        "Base de données des clés",
        secret=True,
    ),
    Setting(
        "audience_url",
        TEXT,
        "sqlite:///{instance}/audience.sqlite",
        "Database of the audience",
        "Base de données de l’audience",
        secret=True,
    ),
    Setting(
        "store_url",
        TEXT,
        "{instance}/versions",
        "Folder of the published versions",
        "Dossier des versions publiées",
    ),
    Setting(
        "queue_url",
        TEXT,
        "sqlite:///{instance}/queue.sqlite",
        "Queue of the jobs (sqlite:///… , redis://… or immediate)",
        "File des travaux (sqlite:///…, redis://… ou immediate)",
        secret=True,
    ),
    Setting(
        "limits_url",
        TEXT,
        "sqlite:///{instance}/limits.sqlite",
        "Counters of the request limits (sqlite:///…, redis://… or memory://)",
        "Compteurs des limites d’appels (sqlite:///…, redis://… ou memory://)",
        secret=True,
    ),
    Setting(
        "master_key",
        FILE,
        "{instance}/master.key",
        "File of the master keys, which never stands in a backup of the databases",
        "Fichier des clés maîtresses, qui n’est dans aucune sauvegarde des bases",
    ),
    Setting(
        "archive_key",
        FILE,
        "{instance}/archive.key",
        "File of the keys of the intermediate archive, which no backup holds",
        "Fichier des clés de l’archive intermédiaire, qui n’est dans aucune sauvegarde",
    ),
    Setting(
        "archive_readers",
        TEXT,
        "",
        "Addresses of the officers who may open the archive, separated by commas",
        "Adresses des délégués qui peuvent ouvrir l’archive, séparées par des virgules",
    ),
    Setting(
        "mail_url",
        TEXT,
        "file:{instance}/outbox",
        "Mail server (smtp://… or smtps://…), or a folder where letters stay (file:…)",
        "Serveur de courrier (smtp://… ou smtps://…), ou dossier où les lettres restent (file:…)",
        secret=True,
    ),
    Setting(
        "mail_from",
        TEXT,
        "ne-pas-repondre@example.invalid",
        "Address that sends the letters",
        "Adresse qui envoie les lettres",
    ),
    # Limits
    Setting("api_limit", LIMITS, "20000 per day", "API calls of one client", "Appels à l’API d’un même client"),
    Setting(
        "sign_in_limit",
        LIMITS,
        "10/minute;50/hour",
        "Sign-in attempts of one client",
        "Tentatives de connexion d’un même client",
    ),
    Setting("page_limit", COUNT, "100", "Records of one page of the API", "Enregistrements d’une page de l’API"),
    Setting(
        "offset_limit",
        COUNT,
        "10000",
        "Highest sum of offset and limit in the API",
        "Somme maximale de offset et limit dans l’API",
    ),
    Setting("group_limit", COUNT, "20000", "Groups of one answer of the API", "Groupes d’une réponse de l’API"),
    Setting("query_seconds", SECONDS, "30", "Time of one query", "Durée d’une requête"),
    Setting(
        "export_seconds",
        SECONDS,
        "3600",
        "Time of one export, its download included",
        "Durée d’un export, téléchargement compris",
    ),
    Setting(
        "query_memory",
        SIZE,
        "1GiB",
        "Memory of the queries of one process; larger ones go on in files",
        "Mémoire des requêtes d’un processus ; les plus grandes continuent dans des fichiers",
    ),
    Setting(
        "making_memory",
        SIZE,
        "1GiB",
        "Memory for what is made of a new version",
        "Mémoire pour ce qui est fait d’une nouvelle version",
    ),
    Setting(
        "query_threads",
        COUNT,
        "2",
        "Threads of the queries of one process",
        "Fils d’exécution des requêtes d’un processus",
    ),
    Setting(
        "query_turns",
        COUNT,
        "2",
        "Queries that one process runs at once; the others wait for their turn",
        "Requêtes qu’un processus exécute à la fois ; les autres attendent leur tour",
    ),
    Setting(
        "export_turns",
        COUNT,
        "8",
        "Exports that one process streams at once",
        "Exports qu’un processus envoie à la fois",
    ),
    Setting(
        "client_turns",
        COUNT,
        "2",
        "Queries, and exports, of one client that one process runs at once",
        "Requêtes, et exports, d’un même client qu’un processus exécute à la fois",
    ),
    Setting(
        "answers_memory",
        SIZE,
        "64MiB",
        "Answers of the API that one process remembers (0MiB: none)",
        "Réponses de l’API qu’un processus retient (0MiB : aucune)",
    ),
    Setting("upload_limit", SIZE, "2GiB", "Size of an uploaded file", "Taille d’un fichier déposé"),
    Setting("push_limit", SIZE, "32MiB", "Size of one push of rows", "Taille d’un envoi de lignes par l’API"),
    Setting(
        "fetch_seconds",
        SECONDS,
        "600",
        "Time to fetch the address of a source",
        "Durée de la lecture de l’adresse d’une source",
    ),
    Setting(
        "fetch_hosts",
        TEXT,
        "",
        "Hosts of a private network that sources may read, separated by commas",
        "Machines d’un réseau privé que les sources peuvent lire, séparées par des virgules",
    ),
    Setting(
        "suppression_seconds",
        SECONDS,
        "20",
        "Time to look for the best cells to hide, per release",
        "Temps de recherche des meilleures cases à masquer, par diffusion",
    ),
    Setting(
        "settling_days",
        NUMBER,
        "45",
        "Days after its end that a period of programming waits for late entries, before it is published for good",
        "Jours d’attente des saisies tardives, entre la fin d’une période et sa publication définitive",
    ),
    Setting(
        "attacks",
        LEVELS,
        "L0 L1 L4 L5",
        "Attacks that a release of programming data must withstand",
        "Attaques auxquelles une diffusion de données de programmation doit résister",
    ),
    # Maps
    Setting(
        "tiles_url",
        TILES,
        "",
        "Address of the images under the maps, with {z}, {x} and {y}, fetched by the portal (none when it is empty)",
        "Adresse des images sous les cartes, avec {z}, {x} et {y}, lues par le portail (vide : aucune)",
    ),
    Setting(
        "tiles_credit",
        TEXT,
        "© OpenStreetMap",
        "Credit of those images, shown beside the maps",
        "Mention de ces images, affichée à côté des cartes",
    ),
    # Serving
    Setting("host", TEXT, "127.0.0.1", "Address that the server listens on", "Adresse où le serveur écoute"),
    Setting("port", COUNT, "8000", "Port that the server listens on", "Port où le serveur écoute"),
    Setting("workers", COUNT, "2", "Processes that answer requests", "Processus qui répondent aux requêtes"),
    Setting(
        "proxies",
        NUMBER,
        "0",
        "Trusted proxies in front of the server",
        "Mandataires de confiance devant le serveur",
    ),
    Setting(
        "sendfile_prefix",
        TEXT,
        "",
        "Address under which the server in front sends the files of the store itself, such as /stored",
        "Adresse sous laquelle le serveur placé devant envoie lui-même les fichiers de l’entrepôt, comme /stored",
    ),
)
"""Every setting, in the order of the documentation."""

BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


class Settings:
    """The values of all settings, read-only, by attribute: `settings.site_name`."""

    def __init__(self, values: Mapping[str, Any], secret_key: str) -> None:
        self.__dict__.update(values)
        self.__dict__["secret_key"] = secret_key

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"There is no setting called {name}; see docs/settings.md.")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("Settings do not change after the start.")

    @property
    def domain(self) -> str:
        """The host name of the public address."""
        return str(self.base_url).split("://", 1)[1]


def load_settings(environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings: defaults, then `PORTAL_…` variables, then `overrides` by name.

    Raises SettingError, naming the setting, the value found and the one expected. An unknown `PORTAL_…`
    variable is an error too: a typing mistake would otherwise be silent.
    """
    texts = {setting.name: setting.default for setting in SETTINGS}
    for variable, text in environ.items():
        if variable.startswith(PREFIX):
            texts[_name_of(variable)] = text
    for name, value in (overrides or {}).items():
        if value is not None:
            texts[_name_of(PREFIX + name.upper())] = str(value)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = texts[setting.name].replace("{instance}", str(values.get("instance", "")))
        try:
            values[setting.name] = setting.kind.parse(text)
        except (ValueError, KeyError) as error:
            raise SettingError(name=setting.variable, found=repr(text), expected=setting.kind.expected) from error
    return Settings(values, _read_secret(values["instance"]))


IDENTITY = (
    "controller",
    "publisher",
    "officer_name",
    "officer_email",
    "rights_address",
    "hosting_company",
    "hosting_place",
    "mail_from",
)
"""What the policies promise to tell; the demonstration's values are nobody's."""


def check_identity(settings: Settings) -> None:
    """Refuse a portal that is no demonstration and does not say who answers for it (clause B4). Raises SettingError.

    The hosting place may be the default one, which is a country; everything else must have been set, and letters
    must leave.
    """
    if settings.demonstration:
        return
    for name in IDENTITY:
        setting, value = BY_NAME[name], str(getattr(settings, name)).strip()
        if not value or (value == setting.default and name != "hosting_place"):
            raise SettingError(name=setting.variable, found=repr(value), expected=f"yours: {setting.en.lower()}")
    check_hosts(settings)
    if settings.mail_url.startswith("file:"):
        raise SettingError(name="PORTAL_MAIL_URL", found="a folder", expected="a mail server (smtp://… or smtps://…)")


STORES = (
    "catalogue_url",
    "accounts_url",
    "keys_url",
    "audience_url",
    "store_url",
    "queue_url",
    "limits_url",
    "mail_url",
)
"""The settings that may lead data to another machine."""

HERE = ("", "localhost", "127.0.0.1", "::1")


def check_hosts(settings: Settings) -> None:
    """Refuse a store on a machine that is not declared, which the policy then names (clause A10). Raises SettingError.

    The address itself, which may hold a password, is not repeated.
    """
    declared = {host.strip().casefold() for host in settings.hosting_hosts.split(",")}
    for name in STORES:
        host = (urlsplit(str(getattr(settings, name))).hostname or "").casefold()
        if host not in HERE and host not in declared:
            raise SettingError(name=BY_NAME[name].variable, found=host, expected="a machine of PORTAL_HOSTING_HOSTS")


def _name_of(variable: str) -> str:
    name = variable.removeprefix(PREFIX).lower()
    if name not in BY_NAME:
        near = [BY_NAME[match].variable for match in get_close_matches(name, BY_NAME, n=1)]
        expected = ", perhaps ".join(["one of the settings of docs/settings.md", *near])
        raise SettingError(name=variable, found="an unknown name", expected=expected)
    return name


def _read_secret(instance: Path) -> str:
    """Return the secret of the instance, which `portal.instance` writes; empty before that."""
    try:
        return (instance / "secret.key").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""

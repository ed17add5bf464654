"""The kinds of identifiers of persons: one row each, read alike by the detectors, the pages, the docs and the tests.

`blocks` says when a finding stops a publication until somebody answers for it:

- "always";
- "unless directory": not when the table lists organisations and tells of no person;
- "with persons": when another column tells of persons;
- "never": it is told, and stops nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from datasets.model import Texts

ALWAYS, UNLESS_DIRECTORY, WITH_PERSONS, NEVER = "always", "unless directory", "with persons", "never"

ANSWERS: Mapping[str, Texts] = MappingProxyType(
    {
        "removed": {"fr": "Retirer la colonne", "en": "Remove the column"},
        "organisations": {
            "fr": "Ce sont des organismes, pas des personnes",
            "en": "These are organisations, not persons",
        },
        "officials": {
            "fr": "Élus, agents ou artistes, cités pour leur rôle public",
            "en": "Officials, staff or artists, named for their public role",
        },
        "agreed": {
            "fr": "Les personnes ont accepté cette publication par écrit",
            "en": "The persons agreed to this publication in writing",
        },
        "mistaken": {"fr": "Le portail se trompe : ce n’est pas cela", "en": "The portal is mistaken: this is not it"},
    }
)
"""What a producer or an officer may answer, by code; the code alone goes to the provenance."""

_ANY = tuple(ANSWERS)
_NO_PERSON = ("removed", "organisations", "mistaken")
_SECRET = ("removed", "mistaken")


@dataclass(frozen=True)
class Kind:
    """One kind of identifier.

    `sure` says on what the detector relies, `advice` what to do; `score` is the confidence of a value without other
    evidence (0 to 1); `hints` and `against` are patterns of the label's slug that speak for and against the kind;
    `answers` are the answers that lift a block.
    """

    name: str
    label: Texts
    sure: Texts
    advice: Texts
    blocks: str
    score: float
    hints: str
    against: str = ""
    answers: tuple[str, ...] = _ANY


_REMOVE = {"fr": "Retirez la colonne.", "en": "Remove the column."}
_DECLARE = {
    "fr": "Retirez la colonne, ou dites de qui il s’agit.",
    "en": "Remove the column, or say whose these are.",
}
_REFERENCE = (
    r"(?:^|_)(?:commandes?|references?|ref|factures?|dossiers?|tickets?|ean|gtin|isbn|code_barres?|bordereau|lot|"
    r"montants?|prix|budget|total|orders?|invoice|barcode|serie|imei)(?:_|$)"
)
_WORK = (
    r"(?:^|_)(?:titres?|spectacles?|oeuvres?|pieces?|films?|livres?|albums?|title|show|play|festivals?|evenements?|"
    r"manifestations?|libelle)(?:_|$)"
)
_PLACE = (
    r"(?:^|_)(?:communes?|villes?|localite|lieux?|salles?|rues?|voies?|quartiers?|city|town|venue|pays|departements?|"
    r"regions?|epci|adresses?|adr|cantons?|code|type|genre|discipline|statut|categorie|couleur|mois|jour)(?:_|$)"
)
_BODY = (
    r"(?:^|_)(?:raison_sociale|denomination|organismes?|structures?|etablissements?|compagnies?|associations?|"
    r"entreprises?|societes?|companies|company|enseigne|musees?|theatres?|equipes?|ecoles?|colleges?|marques?|"
    r"fournisseurs?|prestataires?)(?:_|$)"
)
_NOT_PERSON = f"{_WORK}|{_PLACE}|{_BODY}"

_ROWS = (
    Kind(
        "email",
        {"fr": "Adresse e-mail", "en": "E-mail address"},
        {"fr": "Forme de l’adresse, titre de la colonne.", "en": "Form of the address, title of the column."},
        _DECLARE,
        ALWAYS,
        0.95,
        r"(?:^|_)(?:e_?mails?|mails?|courriels?|mel|adresse_electronique)(?:_|$)",
    ),
    Kind(
        "phone",
        {"fr": "Numéro de téléphone", "en": "Telephone number"},
        {
            "fr": "Plan de numérotation français, indicatif de pays, titre de la colonne.",
            "en": "French numbering plan, country codes, title of the column.",
        },
        _DECLARE,
        UNLESS_DIRECTORY,
        0.85,
        r"(?:^|_)(?:tel\d*|telephones?\d*|phones?|fax|mobiles?|portables?|gsm|numero_(?:de_)?telephone|whatsapp)(?:_|$)",
        _REFERENCE,
    ),
    Kind(
        "nir",
        {"fr": "Numéro de sécurité sociale (NIR)", "en": "French social-security number (NIR)"},
        {
            "fr": "Forme (sexe, mois, département) et clé à deux chiffres ; sans clé, le titre de la colonne.",
            "en": "Form (sex, month, département) and two-digit key; without a key, the title of the column.",
        },
        _REMOVE,
        ALWAYS,
        0.98,
        r"(?:^|_)(?:nir|nss|insee_individu|(?:numero|num|no|n)_(?:de_)?secu(?:rite)?(?:_sociale)?|"
        r"securite_sociale|social_security(?:_number)?|ssn)(?:_|$)",
        _REFERENCE,
        _SECRET,
    ),
    Kind(
        "siren",
        {"fr": "Numéro SIREN", "en": "SIREN number"},
        {
            "fr": "Neuf chiffres et leur clé. Un entrepreneur individuel est une personne ; le numéro ne le dit pas.",
            "en": "Nine digits and their key. A sole trader is a person: the number alone does not tell.",
        },
        _DECLARE,
        ALWAYS,
        0.7,
        r"(?:^|_)(?:siren|numero_siren|rcs)(?:_|$)",
        f"{_REFERENCE}|(?:^|_)epci(?:_|$)",
        ("removed", "organisations", "agreed", "mistaken"),
    ),
    Kind(
        "siret",
        {"fr": "Numéro SIRET", "en": "SIRET number"},
        {
            "fr": "Quatorze chiffres et leur clé. Un entrepreneur individuel est une personne.",
            "en": "Fourteen digits and their key. A sole trader is a person.",
        },
        _DECLARE,
        ALWAYS,
        0.85,
        r"(?:^|_)(?:siret|numero_siret)(?:_|$)",
        _REFERENCE,
        ("removed", "organisations", "agreed", "mistaken"),
    ),
    Kind(
        "iban",
        {"fr": "Numéro de compte bancaire (IBAN)", "en": "Bank account number (IBAN)"},
        {"fr": "Longueur du pays et clé modulo 97.", "en": "Length of the country and modulo-97 key."},
        _REMOVE,
        ALWAYS,
        0.98,
        r"(?:^|_)(?:iban|rib|compte_bancaire|bank_account)(?:_|$)",
        answers=_NO_PERSON,
    ),
    Kind(
        "ip",
        {"fr": "Adresse IP", "en": "IP address"},
        {
            "fr": "Forme IPv4 ou IPv6 ; ni numéros de version, ni nombres décimaux.",
            "en": "IPv4 or IPv6 form; neither version numbers nor decimals.",
        },
        _DECLARE,
        ALWAYS,
        0.85,
        r"(?:^|_)(?:ip|ipv4|ipv6|adresse_ip|ip_address|remote_addr|client_ip|hote|host)(?:_|$)",
        r"(?:^|_)(?:versions?|release|logiciel|firmware|build|article|chapitre|section|nomenclature|heure|duree)(?:_|$)",
        _NO_PERSON,
    ),
    Kind(
        "plate",
        {"fr": "Plaque d’immatriculation", "en": "Number plate"},
        {
            "fr": "Forme française, nouvelle ou ancienne, sans les lettres exclues.",
            "en": "French form, new or old, without the excluded letters.",
        },
        _DECLARE,
        ALWAYS,
        0.8,
        r"(?:^|_)(?:immatriculations?|plaques?|immat|vehicules?|license_plate|number_plate|plate)(?:_|$)",
        _REFERENCE,
        _NO_PERSON,
    ),
    Kind(
        "address",
        {"fr": "Adresse postale précise", "en": "Precise postal address"},
        {
            "fr": "Un numéro et un type de voie, ou un lieu-dit et un code postal.",
            "en": "A number and a kind of street, or a hamlet and a postcode.",
        },
        {"fr": "Gardez la commune, retirez la rue.", "en": "Keep the commune, remove the street."},
        WITH_PERSONS,
        0.85,
        r"(?:^|_)(?:adresses?|address|domicile|rue|voie|adr|residence)(?:_|$)",
        _WORK,
    ),
    Kind(
        "coordinates",
        {"fr": "Coordonnées précises", "en": "Precise coordinates"},
        {
            "fr": "Quatre décimales de degré ou plus (dix mètres), en une ou deux colonnes.",
            "en": "Four decimals of a degree or more (ten metres), in one or two columns.",
        },
        {"fr": "Arrondissez à deux décimales, ou à la commune.", "en": "Round to two decimals, or to the commune."},
        WITH_PERSONS,
        0.7,
        r"(?:^|_)(?:lat|latitude|lon|long|lng|longitude|geo|geo_point(?:_2d)?|coordonnees?|coordinates|gps|position|"
        r"geolocalisation|x_wgs84|y_wgs84|geocodage(?:_xy)?|x|y|xy)(?:_|$)",
        r"(?:^|_)(?:centroides?|centre_commune|chef_lieu|centroid|montants?|prix|taux|coefficient|score|poids)(?:_|$)",
    ),
    Kind(
        "birth_date",
        {"fr": "Date de naissance", "en": "Date of birth"},
        {
            "fr": "Titre de la colonne ; sans lui, des dates d’adultes à côté de noms de personnes.",
            "en": "Title of the column; without it, dates of adults beside names of persons.",
        },
        {"fr": "Gardez une tranche d’âge.", "en": "Keep an age band."},
        ALWAYS,
        0.6,
        r"(?:^|_)(?:naissance|nais|ne_le|nee_le|ne_e_le|ddn|dnaiss?|birth_?date|date_of_birth|birthday|dob|born)(?:_|$)",
        r"(?:^|_)(?:lieu|commune|ville|pays|departement|dep|annee|nombre|nb|nom|nombres|taux|place|name|country)(?:_|$)",
        ("removed", "officials", "agreed", "mistaken"),
    ),
    Kind(
        "first_name",
        {"fr": "Prénom", "en": "First name"},
        {
            "fr": "Titre de la colonne ; sans lui, deux cellules sur cinq dans la liste des prénoms fréquents.",
            "en": "Title of the column; without it, two cells in five in the list of frequent first names.",
        },
        _DECLARE,
        WITH_PERSONS,
        0.75,
        r"(?:^|_)(?:prenoms?|first_?name|given_?name|forename)(?:_|$)",
        _NOT_PERSON,
    ),
    Kind(
        "family_name",
        {"fr": "Nom de famille", "en": "Family name"},
        {
            "fr": "Titre de la colonne ; « nom » seul, si les cellules ou les colonnes voisines le confirment.",
            "en": "Title of the column; “nom” alone when the cells or the neighbouring columns confirm it.",
        },
        _DECLARE,
        WITH_PERSONS,
        0.7,
        r"(?:^|_)(?:nom_(?:de_)?famille|nom_(?:de_)?naissance|nom_(?:d_)?usage|nom_usuel|patronyme|last_?name|surname|"
        r"family_name|nom_marital|nom_jeune_fille)(?:_|$)",
        _NOT_PERSON,
    ),
    Kind(
        "full_name",
        {"fr": "Nom et prénom", "en": "Full name"},
        {
            "fr": "Civilité, prénom fréquent et mot à capitale, titre de la colonne. Faible dans un texte libre.",
            "en": "Courtesy title, frequent first name and capitalised word, title of the column. Weak in free text.",
        },
        _DECLARE,
        ALWAYS,
        0.75,
        r"(?:^|_)(?:nom_(?:et_)?prenoms?|prenoms?_(?:et_)?noms?|nom_complet|full_?name|contacts?|responsables?|referents?|"
        r"presidente?s?|directeur|directrice|signataire|gerante?|proprietaire|titulaire|beneficiaires?|adherente?s?|"
        r"auteurs?|artistes?|interpretes?|mandataire|maire|agent|person|owner)(?:_|$)",
        f"{_NOT_PERSON}|(?:^|_)(?:tel|telephone|mail|e_mail|courriel|date|nombre|nb|age|siret|siren)(?:_|$)",
    ),
    Kind(
        "user_id",
        {"fr": "Pseudonyme ou identifiant de compte", "en": "Pseudonym or account identifier"},
        {"fr": "Titre de la colonne seulement.", "en": "Title of the column only."},
        _DECLARE,
        ALWAYS,
        0.6,
        r"(?:^|_)(?:pseudo|pseudonyme|login|user_?name|user_?id|id_?user|screen_name|nickname|matricule|device_id|"
        r"cookie(?:_id)?|session_id|visitor_id|account_id|customer_id|member_id|"
        r"(?:identifiant|id|code|numero|num|no|n)_(?:de_|d_|du_|l_)?"
        r"(?:utilisateur|usager|abonne|adherent|client|compte|agent|eleve|etudiant|patient|allocataire|salarie))(?:_|$)",
    ),
    Kind(
        "handle",
        {"fr": "Compte de réseau social", "en": "Social-network account"},
        {"fr": "@nom, ou adresse d’un profil.", "en": "@name, or the address of a profile."},
        _DECLARE,
        UNLESS_DIRECTORY,
        0.8,
        r"(?:^|_)(?:twitter|instagram|insta|facebook|tiktok|linkedin|mastodon|bluesky|reseaux?_socia(?:l|ux)|handle)(?:_|$)",
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ROWS})
"""Every kind by its name."""

NAMES = ("first_name", "family_name", "full_name")
"""The kinds that are names: judged by column, not by cell."""

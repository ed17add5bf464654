"""Identifiers of persons: found in all their spellings, not confused with their neighbours, never shown."""

import re
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from datasets.disclosure.identifiers import ANSWERS, KINDS, Decision, find_identifiers
from datasets.disclosure.identifiers.people import gazetteer
from datasets.disclosure.identifiers.scan import DETECTORS, mark, titles_of
from datasets.model import Field, Schema

FOUND = {
    "email": "jean.dupont+art@exemple.fr | JEAN@EXEMPLE.FR | jean [at] exemple.fr | jean(at)exemple(point)fr",
    "phone": "0562612222 | 05 62 61 22 22 | 05.62.61.22.22 | 05-62-61-22-22 | +33 5 62 61 22 22 | "
    "+33(0)6 12 34 56 78 | 0033612345678 | +32 2 513 45 67 | 0041 22 345 67 89 | Tél. : 06 12 34 56 78 | "
    "05\u00a062\u00a061\u00a022\u00a022",
    "nir": "185057800608491 | 1 85 05 78 006 084 91 | 295109912611193 | 1 85 05 2A 006 084 35",
    "siren": "552081317 | 552 081 317",
    "siret": "55208131766522 | 552 081 317 66522 | 35600000000048",
    "iban": "FR1420041010050500013M02606 | FR14 2004 1010 0505 0001 3M02 606 | BE68539007547034 | "
    "de89370400440532013000",
    "ip": "193.48.12.7 | 2001:db8::8a2e:370:7334 | 192.168.1.45/24 | fe80::1ff:fe23:4567:890a%eth0",
    "plate": "AB-123-CD | ab-123-cd | AB 123 CD | 1234 AB 32 | 75 ABC 2A",
    "address": "12 rue Victor Hugo | 12 bis, avenue de la Marne | 3 place de la Mairie, 32000 Auch | "
    "7 CHEMIN DU MOULIN | Lieu-dit Bordeneuve 32100 Condom | 12 r. des Lilas",
    "coordinates": "43.64651, 0.58631 | [43.646512, 0.586312] | 43°38'47\"N 0°35'10\"E",
    "handle": "@zab_32 | https://www.instagram.com/zab_32 | x.com/zab_32 | @zab@mastodon.example",
}
INSIDE = {
    "email": "Écrire à jean@exemple.fr avant mardi",
    "phone": "Rappeler au 06 12 34 56 78, le soir",
    "nir": "Dossier 1 85 05 78 006 084 91 complet",
    "siren": "Inscrite au RCS d’Auch 552 081 317",
    "siret": "Facturer au SIRET 552 081 317 66522 en juin",
    "iban": "Virement sur FR14 2004 1010 0505 0001 3M02 606 demandé",
    "ip": "Connexion depuis 193.48.12.7 refusée",
    "plate": "Véhicule AB-123-CD stationné là",
    "address": "Livrer au 12 rue Victor Hugo le matin",
    "birth_date": "Stagiaire née le 3 mai 1980 à Auch",
    "full_name": "Clés remises hier à Mme Etchegaray pour la nuit",
    "handle": "Suivre @zab_32 pour les photos",
    "coordinates": "Rendez-vous à 43.64651, 0.58631 demain",
}
NEIGHBOURS = (
    *("1.2.3.4", "2.14.0.1", "v193.48.12.7b", "12:30:45", "00:1b:44:11:3a:b7", "Concert @ 20h", "logo@2x.png"),
    *("32000", "32013", "0320001A", "W321000123", "2019", "12 345,67", "1.234567", "43.64, 0.58", "24 places"),
    *("Commande n° 0612345678", "Facture 55208131766522", "185057800608492", "552081318", "€ 0612345678,00"),
    *("3 cours de danse", "2 places offertes", "AB-1234-CD", "WW-123-II", "Salle Jean Moulin", "un @ deux"),
    *("rue Victor Hugo", "Collège Marcel Pagnol", "Dupont et fils", "Prix Jean Vigo", "Article 12.3.4.5"),
    *("539 001 867 00595", "7ae73fd8-4673-40bd-993a-0853922502fc", "12 hommes en colère", "Saint-Martin"),
    *(
        "né d’une commande de 2019",
        "Compagnie Marie Lenfant",
        "av. Jean Jaurès",
        "01/01/2001 00:00:00",
        "8 AV 31",
        "FR1420041010050500013M02607",
    ),
)


def cells(kind: str, texts: list[str], title: str = "champ") -> list[bool]:
    return mark(pa.array(texts), kind, titles_of(title)[kind]).tolist()


@pytest.mark.parametrize("kind", FOUND)
def test_each_spelling_is_found_without_the_help_of_a_title(kind: str) -> None:
    """What a person may write is recognised by its values alone, and as the whole of the cell."""
    texts = FOUND[kind].split(" | ")
    assert cells(kind, texts) == [True] * len(texts)
    found = find_identifiers(pa.table({"champ": texts * 3}))
    assert ("cells", 1.0) in [(one.place, one.share) for one in found if one.kind == kind]


@pytest.mark.parametrize("kind", INSIDE)
def test_each_kind_is_found_inside_a_text(kind: str) -> None:
    """A longer text that holds an identifier is found, with the rank of its record."""
    found = find_identifiers(pa.table({"observations": ["RAS", "", INSIDE[kind], None, "Salle comble"]}))
    assert (kind, "inside", 1, (3,)) in [(one.kind, one.place, one.count, one.rows) for one in found]


@pytest.mark.parametrize("text", NEIGHBOURS)
def test_neighbours_raise_no_alarm(text: str) -> None:
    """Versions, codes, amounts, references, names of places and bodies are no identifiers."""
    assert {kind for kind in DETECTORS if cells(kind, [text])[0]} <= {"first_name", "family_name"}
    found = find_identifiers(pa.table({"champ": [text, "neutre", "autre chose"]}))
    assert not [one.kind for one in found]


@pytest.mark.parametrize(
    ("title", "values"),
    [
        ("Numéro de commande", ["552081317", "732829320", "404833048"]),
        ("Référence", ["55208131766522", "73282932000074"]),
        ("N° de dossier", ["0612345678", "0562612222"]),
        ("Version", ["193.48.12.7", "200.1.2.3"]),
        ("centroide", ["43.646512, 0.586312", "43.956512, 0.376312"]),
        ("Titre", ["Marie Tudor", "Madame Bovary", "Jean de Florette"]),
        ("Raison sociale", ["Jean Dupont", "Marie Martin"]),
        ("Lieu de naissance", ["12/03/1975", "13/04/1980"]),
        ("Date de représentation", ["12/03/2024", "13/04/2024"]),
        ("Nom du théâtre", ["Jean Dupont", "Marie Martin"]),
        ("Commune", ["Martin", "Saint-Clar", "Fleury", "Auch"]),
        ("Siren EPCI", ["200066926", "200072320"]),
    ],
)
def test_a_title_that_says_otherwise_is_heard(title: str, values: list[str]) -> None:
    """Numbers with a right key, names and dates are not alarms under a title that says what they are."""
    assert not list(find_identifiers(pa.table({title: values * 20})))


@pytest.mark.parametrize(
    ("kind", "title", "values"),
    [
        ("nir", "N° de sécurité sociale", ["1850578006084", "2690549588157"]),
        ("phone", "tel", ["562612222", "612345678"]),
        ("birth_date", "Né(e) le", ["12.03.75", "3 mai 1980"]),
        ("birth_date", "dateNaissance", ["1975-03-12", "1980-05-03"]),
        ("user_id", "Identifiant utilisateur", ["zab32", "u-0041"]),
        ("first_name", "Prénom", ["Oïhana", "Xan"]),
        ("family_name", "Nom de famille", ["Etchegaray", "D’Artagnan"]),
        ("full_name", "Nom du directeur du théâtre", ["Jean Etchegaray", "Marie Xan"]),
        ("full_name", "Nom et prénom", ["Etchegaray Marie", "M. Xan"]),
        ("coordinates", "latitude", ["43,646512", "43,956512"]),
        ("address", "Adresse", ["Lieu-dit Bordeneuve", "34 cours gambetta"]),
    ],
)
def test_a_title_is_evidence(kind: str, title: str, values: list[str]) -> None:
    """What the values alone do not tell is found under a title that announces it."""
    found = [one for one in find_identifiers(pa.table({title: values * 5})) if one.kind == kind]
    assert found[0].share == 1.0
    assert "title" in str(found[0].reasons[0])


def test_names_without_titles_are_found_by_column() -> None:
    """A column of names is known by its frequent names; then rare names of the column count too."""
    first = ["Jean", "Marie", "Zoé", "Oïhana", "Karim", "Luc", "Inès", "Xan", "Chloé", "Hugo"] * 3
    family = ["Martin", "Etchegaray", "Larroumet", "Durand", "Kervadec", "Le Goff", "Mounic", "Petit"] * 3 + [
        "Poum"
    ] * 6
    found = {one.column: one for one in find_identifiers(pa.table({"a": first, "b": family}))}
    assert (found["a"].kind, found["a"].count) == ("first_name", 30)
    assert (found["b"].kind, found["b"].count) == ("family_name", 30)


def test_days_beside_names_are_births_when_they_spread_like_them() -> None:
    """Under a mute title, days of adults' births count only beside names; days of shows never do."""
    births = [f"{1940 + rank * 2}-03-12" for rank in range(30)]
    shows = [f"2024-03-{1 + rank % 28:02d}" for rank in range(30)]
    names = ["Jean Dupont", "Marie Martin", "Karim Benali"] * 10
    found = find_identifiers(pa.table({"qui": names, "j1": births, "j2": shows}))
    assert [(one.column, one.kind) for one in found] == [("qui", "full_name"), ("j1", "birth_date")]
    assert not list(find_identifiers(pa.table({"j1": births})))


def test_typed_columns_are_read_as_they_are() -> None:
    """Whole numbers, days, points and lists hold identifiers too; amounts and booleans none."""
    day, point = date(1975, 3, 12), {"lon": 0.58631, "lat": 43.64651}
    table = pa.table(
        {
            "siret": pa.array([55208131766522] * 3, pa.int64()),
            "date_naissance": pa.array([day] * 3),
            "geo_point_2d": pa.array([point] * 3),
            "contacts": pa.array([["a@exemple.fr", "b@exemple.fr"]] * 3),
            "montant": pa.array([1.234567] * 3),
            "actif": pa.array([True] * 3),
            "vide": pa.array([None] * 3, pa.string()),
        }
    )
    assert {(one.column, one.kind) for one in find_identifiers(table)} == {
        ("siret", "siret"),
        ("date_naissance", "birth_date"),
        ("geo_point_2d", "coordinates"),
        ("contacts", "email"),
    }


def test_two_neighbouring_columns_are_a_place() -> None:
    """Latitudes and longitudes of France to the metre, side by side, need no title; rounded ones are nothing."""
    lat, lon = [43.64651, 43.95651, 44.12345], [0.58631, 0.37631, 1.23451]
    assert [one.column for one in find_identifiers(pa.table({"a": lat, "b": lon}))] == ["a", "b"]
    assert not list(find_identifiers(pa.table({"a": [43.65, 43.96], "b": [0.59, 0.38]})))


def test_every_cell_counts_and_batches_are_counted_together() -> None:
    """One identifier in the last of 300,000 records is found, with its rank, batch after batch."""
    texts = ["RAS"] * 299_999 + ["appeler jean@exemple.fr"]
    batches = pa.table({"note": texts}).to_batches(max_chunksize=70_000)
    (found,) = find_identifiers(iter(batches))
    assert (found.kind, found.count, found.rows) == ("email", 1, (300_000,))


def test_nothing_can_be_read_back_from_what_is_shown() -> None:
    """Examples keep at most two characters of a name, a number or an address."""
    for values in (texts.split(" | ") for texts in FOUND.values()):
        for one in find_identifiers(pa.table({"champ": values})):
            told = str(one.to_dict())
            assert not [value for value in values if value in told]
    for kind, text in INSIDE.items():
        shown = DETECTORS[kind].show(text, inside=True)
        assert len(re.sub(r"[^0-9]", "", shown)) <= 4
        assert text not in shown


NAMES = {"nom": ["Dupont", "Martin"] * 10, "prenom": ["Jean", "Marie"] * 10}


@pytest.mark.parametrize(
    ("columns", "stopped"),
    [
        ({"prenom": NAMES["prenom"], "nombre": ["12", "14"] * 10}, set()),
        (NAMES, {"nom", "prenom"}),
        ({"adresse": ["12 rue Hugo"] * 20}, set()),
        ({"adresse": ["12 rue Hugo"] * 20, **NAMES}, {"adresse", "nom", "prenom"}),
        ({"salle": ["Salle A"] * 20, "tel": ["0562612222"] * 20}, set()),
        ({"tel": ["0562612222"] * 20}, {"tel"}),
        ({"note": ["Réunion avec Jean Dupont mardi"] * 20}, set()),
        ({"siren": ["200066926"] * 20}, set()),
        ({"siren": ["552081317"] * 20}, {"siren"}),
        ({"mail": ["contact@exemple.fr"] * 20}, set()),
        ({"mail": ["jean@exemple.fr"] * 20}, {"mail"}),
    ],
)
def test_what_stops_a_publication(columns: dict[str, list[str]], stopped: set[str]) -> None:
    """Secrets always stop; first names alone, places, and telephones of a directory stop only beside persons."""
    assert {one.column for one in find_identifiers(pa.table(columns)).blocking()} == stopped


def decided(kind: str, column: str, reason: str) -> Decision:
    return Decision(kind, column, "producer", reason, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_decision_lifts_what_it_answers_and_nothing_else() -> None:
    """An answer that suits the kind lifts it; a secret number is never "organisations"; removing means removed."""
    found = find_identifiers(pa.table({"siret": ["55208131766522"] * 3, "nir": ["185057800608491"] * 3}))
    answers = [decided("siret", "siret", "organisations"), decided("nir", "nir", "organisations")]
    assert [one.kind for one in found.blocking(answers)] == ["nir"]
    answers[1] = decided("nir", "nir", "removed")
    assert found.blocking(answers) == []
    assert [one.kind for one in found.blocking(answers, columns=["siret", "nir"])] == ["nir"]
    assert found.blocking(answers, columns=["siret"]) == []


def test_columns_that_name_somebody_together_are_told() -> None:
    """First name, family name and a postcode or a date of birth are a composite risk."""
    births = {"ddn": ["12/03/1975", "13/04/1980"] * 10}
    found = find_identifiers(pa.table({**NAMES, "cp": ["32000", "32100"] * 10, **births}))
    assert set(found.composites) == {("prenom", "nom", "ddn"), ("prenom", "nom", "cp")}
    assert found.persons == ("nom", "prenom", "ddn")


def test_a_directory_of_organisations_is_recognised() -> None:
    """A title or names of bodies tell that a table lists organisations, and by which columns."""
    found = find_identifiers(pa.table({"qui": ["Compagnie A", "Théâtre B", "Jean"], "uai": ["0320001A"] * 3}))
    assert found.directory == ("qui", "uai")


def test_labels_of_the_schema_are_titles() -> None:
    """The French label of a field counts, not only its name."""
    schema = Schema((Field("c1", "text", {"fr": "Prénom"}),))
    (found,) = find_identifiers(pa.table({"c1": ["Oïhana", "Xan"]}), schema)
    assert found.kind == "first_name"


@pytest.mark.parametrize(
    "table", [pa.table({}), pa.table({"a": pa.array([], pa.string())}), pa.table({"a": ["", " "]})]
)
def test_empty_tables_have_nothing(table: pa.Table) -> None:
    """No column, no record or only empty cells give no finding and no error."""
    assert len(find_identifiers(table)) == 0


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "@" * 5_000, "1" * 20_000, "Jean " * 4_000, "a@" * 5_000, "0 1 " * 5_000, "é🎭" * 999]
)
def test_hostile_texts_are_only_texts(text: str) -> None:
    """Very long, repeated or strange cells end in time, without an error."""
    find_identifiers(pa.table({"siret": [text], "note": [text], "tel": [text]}))


def test_kinds_are_whole_and_in_both_languages() -> None:
    """Each kind has a detector, texts in French and English, and answers that exist; lists of names stay small."""
    assert KINDS.keys() == DETECTORS.keys()
    for kind in KINDS.values():
        assert all(texts["fr"] and texts["en"] for texts in (kind.label, kind.sure, kind.advice))
        assert set(kind.answers) <= ANSWERS.keys()
        assert 0 < kind.score < 1
    size = sum(len(" ".join(gazetteer(name).to_pylist())) for name in ("first_names", "family_names"))
    assert size < 30_000

"""TRANSFORMATIONS: one row per kind of step. The pages, the documentation and the runner read it alike."""

from collections.abc import Mapping

from datasets.transforms import columns, places, rows
from datasets.transforms.steps import Option, Stage, Task, Transformation

FIELD = {"fr": "Champ", "en": "Field"}
FIELDS = {"fr": "Champs", "en": "Fields"}


def anonymise(task: Task) -> Stage:
    """Return the stage that makes records of persons alike; its tools of frames are loaded only then."""
    from datasets.transforms import persons

    return persons.anonymise(task)


TRANSFORMATIONS: Mapping[str, Transformation] = {
    "keep": Transformation(
        {"fr": "Garder des champs", "en": "Keep fields"},
        {
            "fr": "Les autres champs sont laissés ; l’ordre est celui-ci.",
            "en": "Others are left out; this is the order.",
        },
        (Option("fields", "fields", FIELDS),),
        columns.keep,
    ),
    "rename": Transformation(
        {"fr": "Renommer un champ", "en": "Rename a field"},
        {"fr": "Le nom est écrit comme ceux des fichiers.", "en": "The name is written as those of files."},
        (
            Option("field", "field", FIELD),
            Option("to", "text", {"fr": "Nouveau nom", "en": "New name"}),
            Option("label", "text", {"fr": "Nouveau titre", "en": "New title"}, optional=True),
        ),
        columns.rename,
    ),
    "type": Transformation(
        {"fr": "Changer un type", "en": "Change a type"},
        {
            "fr": "Les valeurs sont relues ; celles qui ne conviennent pas sont signalées et laissées vides.",
            "en": "Values are read again; those that do not fit are told and left empty.",
        },
        (Option("field", "field", FIELD), Option("type", "text", {"fr": "Type", "en": "Type"})),
        columns.change_type,
    ),
    "filter": Transformation(
        {"fr": "Filtrer des lignes", "en": "Filter rows"},
        {"fr": "Une condition ODSQL : population > 1000.", "en": "A condition of ODSQL: population > 1000."},
        (Option("where", "text", {"fr": "Condition", "en": "Condition"}),),
        rows.keep_rows,
    ),
    "split": Transformation(
        {"fr": "Découper un champ", "en": "Split a field"},
        {
            "fr": "En plusieurs champs (le dernier prend le reste) ou, sans nouveaux noms, en une liste de valeurs.",
            "en": "Into several fields (the last one takes the rest) or, without new names, into a list of values.",
        },
        (
            Option("field", "field", FIELD),
            Option("separator", "mark", {"fr": "Séparateur", "en": "Separator"}),
            Option("into", "names", {"fr": "Nouveaux champs", "en": "New fields"}, optional=True),
        ),
        columns.split,
    ),
    "join": Transformation(
        {"fr": "Joindre un autre jeu de données", "en": "Join another dataset"},
        {
            "fr": "Ajoute des champs d’un jeu publié, ou de territoires:commune, :epci, :departement, :region.",
            "en": "Adds fields of a published dataset, or of territoires:commune, :epci, :departement, :region.",
        },
        (
            Option("dataset", "text", {"fr": "Jeu de données", "en": "Dataset"}),
            Option("on", "map", {"fr": "Champs qui se correspondent", "en": "Fields that match"}),
            Option("fields", "fields", {"fr": "Champs à ajouter", "en": "Fields to add"}),
        ),
        places.join,
    ),
    "geocode": Transformation(
        {"fr": "Placer par le code de commune", "en": "Place by the code of the commune"},
        {
            "fr": "Ajoute le point de la commune et, au choix : nom, code_epci, code_departement, code_region, "
            "population.",
            "en": "Adds the point of the commune and, if asked: nom, code_epci, code_departement, code_region, "
            "population.",
        },
        (
            Option("field", "field", {"fr": "Champ du code INSEE", "en": "Field of the INSEE code"}),
            Option("add", "names", {"fr": "Autres faits à ajouter", "en": "Other facts to add"}, optional=True),
        ),
        places.geocode,
    ),
    "aggregate": Transformation(
        {"fr": "Regrouper des lignes", "en": "Gather rows"},
        {
            "fr": "En ODSQL : canton, sum(population) as population, regroupé par canton.",
            "en": "In ODSQL: canton, sum(population) as population, grouped by canton.",
        },
        (
            Option("select", "text", {"fr": "Calculs", "en": "Computations"}),
            Option("group_by", "text", {"fr": "Regrouper par", "en": "Group by"}, optional=True),
        ),
        rows.aggregate,
    ),
    "anonymise": Transformation(
        {"fr": "Anonymiser des personnes", "en": "Anonymise persons"},
        {
            "fr": "Chaque ligne ressemble à k − 1 autres par ses champs clés ; les autres champs non cités partent.",
            "en": "Each row looks like k − 1 others by its key fields; other fields that are not named go.",
        },
        (
            Option("k", "count", {"fr": "k", "en": "k"}),
            Option("keys", "map", {"fr": "Champs clés et leurs niveaux", "en": "Key fields and their levels"}),
            Option(
                "sensitive",
                "fields",
                {"fr": "Champs gardés tels quels", "en": "Fields kept as they are"},
                optional=True,
            ),
            Option(
                "suppression", "share", {"fr": "Part à écarter au plus", "en": "Share left out at most"}, optional=True
            ),
        ),
        anonymise,
    ),
}
"""Every kind of step by its name."""

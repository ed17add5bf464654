"""Why the reading of a file changed, set aside or noticed something, whatever its format."""

from dataclasses import dataclass

from datasets.model import Texts


@dataclass(frozen=True)
class Reason:
    """Why a value or a row was refused, changed or noticed; `severity` is "refused", "changed" or "noticed"."""

    severity: str
    text: Texts


READING: dict[str, Reason] = {
    "control_characters": Reason(
        "changed",
        {
            "fr": "Un ou plusieurs caractères invisibles (octet nul…) sont écrits dans cette case : ils sont retirés.",
            "en": "One or more invisible characters (NUL…) are written in this cell: they are removed.",
        },
    ),
    "other_encoding": Reason(
        "changed",
        {
            "fr": "Cette case est écrite dans un autre encodage que le reste du fichier : elle est lue en "
            "Windows-1252.",
            "en": "This cell is written in another encoding than the rest of the file: it is read as Windows-1252.",
        },
    ),
    "letters_repaired": Reason(
        "changed",
        {
            "fr": "Des lettres abîmées par un mauvais encodage (Ã©) ont été réparées, comme demandé.",
            "en": "Letters damaged by a wrong encoding (Ã©) were repaired, as asked.",
        },
    ),
    "after_rows": Reason(
        "noticed",
        {
            "fr": "Cette ligne suit le tableau (total, source, note) : elle n’est pas publiée. Reprenez-la dans "
            "la description.",
            "en": "This row comes after the table (total, source, note): it is not published. Put it in the "
            "description.",
        },
    ),
    "another_table": Reason(
        "noticed",
        {
            "fr": "Un autre tableau commence à cette ligne : il n’est pas publié. Pour le lire, choisissez cette "
            "ligne de titres.",
            "en": "Another table begins at this row: it is not published. To read it, choose this row of titles.",
        },
    ),
    "table_beside": Reason(
        "noticed",
        {
            "fr": "Un autre tableau est à côté de celui-ci, dans ces colonnes : il n’est pas publié. Pour le lire, "
            "choisissez ses colonnes.",
            "en": "Another table stands beside this one, in these columns: it is not published. To read it, choose its "
            "columns.",
        },
    ),
    "repeated_titles": Reason(
        "noticed",
        {
            "fr": "Les titres sont répétés ici : cette ligne est passée.",
            "en": "The titles are repeated here: this row is passed over.",
        },
    ),
    "wrong_extension": Reason(
        "noticed",
        {
            "fr": "Le nom du fichier annonce un autre format que son contenu : le contenu est cru.",
            "en": "The name of the file announces another format than its content: the content is believed.",
        },
    ),
    "other_members": Reason(
        "noticed",
        {
            "fr": "L’archive contient aussi d’autres fichiers : ils ne sont pas lus.",
            "en": "The archive holds other files too: they are not read.",
        },
    ),
    "other_sheets": Reason(
        "noticed",
        {
            "fr": "Le fichier contient aussi d’autres feuilles, couches ou listes : elles ne sont pas lues.",
            "en": "The file holds other sheets, layers or lists too: they are not read.",
        },
    ),
    "hidden_sheet": Reason(
        "noticed",
        {
            "fr": "Le classeur contient une feuille masquée : elle n’est pas lue, mais elle est dans le fichier.",
            "en": "The workbook holds a hidden sheet: it is not read, but it is in the file.",
        },
    ),
    "merged_cells": Reason(
        "noticed",
        {
            "fr": "Des cases sont fusionnées : seule la première garde la valeur, les autres sont vides.",
            "en": "Cells are merged: only the first keeps the value, the others are empty.",
        },
    ),
    "formula_without_value": Reason(
        "refused",
        {
            "fr": "Cette feuille contient des formules jamais calculées : leurs cases sont vides. Ouvrez le "
            "classeur, enregistrez-le, renvoyez-le.",
            "en": "This sheet holds formulas that were never computed: their cells are empty. Open the workbook, "
            "save it, send it again.",
        },
    ),
    "error_cell": Reason(
        "refused",
        {
            "fr": "Une erreur du tableur est dans cette case : elle est publiée vide.",
            "en": "An error of the spreadsheet stands in this cell: it is published empty.",
        },
    ),
    "zeros_shown": Reason(
        "changed",
        {
            "fr": "Le tableur montre des zéros de tête qu’il ne garde pas dans la case : ils sont écrits comme on "
            "les voit.",
            "en": "The spreadsheet shows leading zeros that it does not keep in the cell: they are written as "
            "they are seen.",
        },
    ),
    "coordinates_converted": Reason(
        "changed",
        {
            "fr": "Les coordonnées sont converties de ce système vers WGS 84 (longitude et latitude).",
            "en": "The coordinates are converted from this system to WGS 84 (longitude and latitude).",
        },
    ),
    "lambert_93_guessed": Reason(
        "changed",
        {
            "fr": "Le fichier ne dit pas son système de coordonnées ; leurs valeurs sont celles de Lambert-93. "
            "Vérifiez la carte.",
            "en": "The file does not state its coordinate system; their values are those of Lambert-93. Check the map.",
        },
    ),
    "axes_look_swapped": Reason(
        "noticed",
        {
            "fr": "Longitudes et latitudes semblent échangées : les lieux tombent hors de France. Vous pouvez les "
            "échanger.",
            "en": "Longitudes and latitudes seem exchanged: the places fall outside France. You may exchange them.",
        },
    ),
    "axes_swapped": Reason(
        "changed",
        {
            "fr": "Longitudes et latitudes ont été échangées, comme demandé.",
            "en": "Longitudes and latitudes were exchanged, as asked.",
        },
    ),
    "altitude_dropped": Reason(
        "changed",
        {
            "fr": "Les altitudes ne sont pas publiées dans la géométrie.",
            "en": "Altitudes are not published in the geometry.",
        },
    ),
}
"""The reasons of the reading by their codes; a problem of the file as a whole has row 0."""

MAKING: dict[str, Reason] = {
    "no_match": Reason(
        "noticed",
        {
            "fr": "L’autre jeu de données n’a aucune ligne de cette clé : les champs ajoutés restent vides.",
            "en": "The other dataset has no row with this key: the fields added stay empty.",
        },
    ),
    "unknown_commune": Reason(
        "noticed",
        {
            "fr": "Ce code n’est celui d’aucune commune : la ligne n’est pas placée.",
            "en": "This is the code of no commune: the row is not placed.",
        },
    ),
    "field_missing": Reason(
        "refused",
        {
            "fr": "Le schéma annonce ce champ, et le fichier ne l’a pas.",
            "en": "The schema announces this field, and the file has none.",
        },
    ),
    "not_required": Reason(
        "refused",
        {
            "fr": "Le schéma demande une valeur ici, et il n’y en a pas.",
            "en": "The schema asks for a value here, and there is none.",
        },
    ),
    "not_unique": Reason(
        "refused",
        {
            "fr": "Le schéma demande des valeurs toutes différentes, et celle-ci revient.",
            "en": "The schema asks for values all different, and this one occurs again.",
        },
    ),
    "out_of_bounds": Reason(
        "refused",
        {
            "fr": "La valeur (ou sa longueur) sort des limites du schéma.",
            "en": "The value (or its length) is beyond the limits of the schema.",
        },
    ),
    "not_of_pattern": Reason(
        "refused",
        {
            "fr": "La valeur n’a pas la forme que demande le schéma.",
            "en": "The value has not the form that the schema asks for.",
        },
    ),
    "not_in_list": Reason(
        "refused",
        {
            "fr": "La valeur n’est pas dans la liste du schéma.",
            "en": "The value is not in the list of the schema.",
        },
    ),
}
"""The reasons of transformations and of Table Schemas by their codes; the suggestion tells what was expected."""

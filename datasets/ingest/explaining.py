"""Why a column has its type, in French and English, with figures."""

from datasets.ingest.judging import Judgement, Values
from datasets.model import Texts
from datasets.types import TYPES

REASONS: dict[str, Texts] = {
    "computed": {"fr": "Calculé à partir de : {labels}.", "en": "Computed from: {labels}."},
    "declared": {
        "fr": "Type choisi par le producteur ; {count} ({share}) le respectent.",
        "en": "Type chosen by the producer; {count} ({share}) respect it.",
    },
    "stated": {
        "fr": "Le format du fichier le dit ; {count} ({share}) le respectent.",
        "en": "The format of the file says so; {count} ({share}) respect it.",
    },
    "holds": {"fr": "{count} ({share}) sont de ce type.", "en": "{count} ({share}) are of this type."},
    "hinted": {
        "fr": "Le titre de la colonne l’annonce et {count} ({share}) sont de ce type.",
        "en": "The title of the column says so and {count} ({share}) are of this type.",
    },
    "nearly": {
        "fr": "{count} ({share}) sont du type « {other} », les autres non : tout reste en texte, rien n’est perdu.",
        "en": "{count} ({share}) are of type “{other}”, the others are not: all stays text, nothing is lost.",
    },
    "text": {
        "fr": "Aucun type plus précis ne convient à toutes les valeurs.",
        "en": "No narrower type fits all values.",
    },
    "empty": {"fr": "La colonne est vide.", "en": "The column is empty."},
    "ambiguous": {
        "fr": " Toutes se liraient aussi comme « {other} » : vérifiez.",
        "en": " All could also be read as “{other}”: please check.",
    },
    "second": {
        "fr": " Lues comme « {other} », {other_share} seulement conviendraient.",
        "en": " Read as “{other}”, only {other_share} would fit.",
    },
}


def explain(found: Judgement, values: Values) -> Texts:
    """Return why a column has its type, and what comes second."""
    nearly = found.reason == "nearly"
    score = found.runner_up_score if nearly else found.score
    texts = {}
    for lang in ("fr", "en"):
        facts = {
            "count": _count(round(score * values.total), values.total, lang),
            "share": _share(score, lang),
            "other": TYPES[found.runner_up].label[lang] if found.runner_up else "",
            "other_share": _share(found.runner_up_score, lang),
        }
        texts[lang] = REASONS[found.reason][lang].format(**facts)
        if found.runner_up and not nearly:
            key = "ambiguous" if found.runner_up_score == 1 else "second"
            texts[lang] += REASONS[key][lang].format(**facts)
    return texts


def _count(count: int, total: int, lang: str) -> str:
    """Return "12 of the 13 values" in `lang`, with its own spaces of thousands."""
    if lang == "fr":
        shown, whole = f"{count:,}".replace(",", "\u202f"), f"{total:,}".replace(",", "\u202f")
        return f"{shown} des {whole} valeurs"
    return f"{count:,} of the {total:,} values"


def _share(score: float, lang: str) -> str:
    """Return a share as a percentage in `lang`; never 100 % when one value is missing."""
    percent = "100" if score == 1 else f"{min(score * 100, 99.99):.4g}"
    return f"{percent} %".replace(".", ",") if lang == "fr" else f"{percent}%"

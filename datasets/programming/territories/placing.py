"""Which commune does a code mean today? Repairs what can be repaired, refuses the rest, and says why."""

import pandas as pd

REASONS: dict[str, dict[str, str]] = {
    "zero_initial": {
        "fr": "Zéro initial manquant, ajouté.",
        "en": "Leading zero missing, added.",
    },
    "code_ancien": {
        "fr": "Code d’une commune disparue, déléguée ou associée : remplacé par celui de la commune actuelle.",
        "en": "Code of a former, delegated or associated commune: replaced by today’s commune.",
    },
    "arrondissement": {
        "fr": "Arrondissement de Paris, Lyon ou Marseille : rattaché à la commune.",
        "en": "Arrondissement of Paris, Lyon or Marseille: counted in its commune.",
    },
    "vide": {
        "fr": "Code de commune vide.",
        "en": "Empty commune code.",
    },
    "code_postal": {
        "fr": "Code postal ou code disparu depuis un demi-siècle : indiquer le code INSEE de la commune.",
        "en": "A postcode, or a code unused for half a century: give the INSEE code of the commune.",
    },
    "inconnu": {
        "fr": "Code inconnu : indiquer le code INSEE de la commune (5 caractères).",
        "en": "Unknown code: give the INSEE code of the commune (5 characters).",
    },
}
"""Why a code was repaired (the first three) or refused (the others)."""

PLACE_COLUMNS = ("code_commune", "code_epci", "code_departement", "code_region", "reparation", "refus")

AMBIGUOUS = r"(?:20|75|78)\d{3}"
"""Numbers of Corsica before 1976, of the Seine and of Seine-et-Oise before 1968: when the commune has another
département today, they read as postcodes."""


def place_codes(codes: pd.Series, communes: pd.DataFrame, former: pd.DataFrame) -> pd.DataFrame:
    """Return PLACE_COLUMNS for each code, with the index of `codes`.

    `communes` and `former` are those of Territories. Null where there is nothing to say; a refused code has its
    reason in `refus` (a key of REASONS) and no territory. Each distinct code is looked up once.
    """
    numbers, distinct = pd.factorize(codes.astype("str").str.strip().str.upper())
    placed = _place_distinct(pd.Series(distinct, dtype="str"), communes, former)
    missing = pd.Series(dict.fromkeys(PLACE_COLUMNS) | {"refus": "vide"}, dtype="str")
    placed = pd.concat([placed, missing.to_frame().T], ignore_index=True).astype("str")
    return placed.iloc[numbers].set_axis(codes.index)  # factorize gives -1, the last line, to nulls


def _place_distinct(codes: pd.Series, communes: pd.DataFrame, former: pd.DataFrame) -> pd.DataFrame:
    short = codes.str.fullmatch(r"\d{4}")
    padded = codes.where(~short, "0" + codes)
    moved = former.set_index("code").reindex(padded).reset_index(drop=True)
    ambiguous = padded.str.fullmatch(AMBIGUOUS) & (padded.str[:2] != moved["code_commune"].str[:2])
    moved = moved.where(~ambiguous)
    known = communes.set_index("code")
    current = padded.where(known.index.get_indexer(pd.Index(padded)) >= 0, moved["code_commune"])
    found = known.reindex(current)
    repairs = pd.Series("zero_initial", index=codes.index, dtype="str").where(short & current.notna())
    repairs = repairs.str.cat(moved["nature"].where(padded != current), sep=" ", na_rep="").str.strip()
    placed = pd.DataFrame({"code_commune": current})
    for column in ("code_epci", "code_departement", "code_region"):
        placed[column] = found[column].to_numpy()
    placed["reparation"] = repairs.where(repairs != "")
    refused = pd.Series("inconnu", index=codes.index, dtype="str")
    refused = refused.mask(ambiguous, "code_postal").mask(codes == "", "vide")
    placed["refus"] = refused.where(current.isna())
    return placed[list(PLACE_COLUMNS)]

"""How much each dataset is used, as the published counts say: the dataset `frequentation`, never anything live."""

from collections.abc import Mapping

from datasets.odsql.quoting import quote
from datasets.query import Query, Source, run_query
from datasets.store.engine import Engine

COUNTS_ID = "frequentation"
MONTHS = 12
"""The last published months that count."""


def count_uses(source: Source, engine: Engine) -> Mapping[str, int]:
    """Return the uses of each dataset in the last published months, by identifier; those never counted are not there.

    `source` is the dataset of the published counts, which are frozen and rounded.
    """
    months = run_query(Query(select="mois", group_by="mois", order_by="mois desc", limit=MONTHS), source, engine)
    listed = ", ".join(quote(month) for month in months.rows.read_all()["mois"].to_pylist())
    if not listed:
        return {}
    query = Query(
        select="jeu_de_donnees, sum(nombre) as uses",
        where=("mesure = 'total'", "valeur = '*'", f"mois in ({listed})"),
        group_by="jeu_de_donnees",
        limit=None,
    )
    rows = run_query(query, source, engine).rows.read_all().to_pylist()
    return {row["jeu_de_donnees"]: int(row["uses"]) for row in rows}

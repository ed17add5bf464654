"""Facets: values, counts and states; refine and exclude."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datasets.errors import LimitExceeded, PortalError
from datasets.facets import FacetGroup, FacetValue, count_facets
from datasets.model import Field, Schema
from datasets.query import Query, Source, count_query, run_query, source_of
from datasets.store.engine import Engine
from datasets.store.versions import VersionStore


def facets(towns: Source, engine: Engine, *names: str, **clauses: Any) -> list[FacetGroup]:
    return count_facets(Query(facet=names, **clauses), towns, engine)


def flat(values: tuple[FacetValue, ...]) -> list[tuple[Any, ...]]:
    """Return values as plain tuples: name, count, and those under it when there are some."""
    return [(v.name, v.count, flat(v.children)) if v.children else (v.name, v.count) for v in values]


def kept(towns: Source, engine: Engine, **clauses: Any) -> str:
    rows = run_query(Query(select="nom", **clauses), towns, engine).rows.read_all()
    return "".join(name[0] for name in rows["nom"].to_pylist())


def test_the_declared_facets_come_by_default(towns: Source, engine: Engine) -> None:
    """Without names, the facets that the schema declares, in its order."""
    assert [group.name for group in facets(towns, engine)] == [
        "nom",
        "canton",
        "prefecture",
        "maj",
        "labels",
        "niveau",
    ]


@pytest.mark.parametrize(
    ("facet", "values"),
    [
        ("canton", [("Auch-1", 2), ("Baïse-Armagnac", 1), ("Fleurance-Lomagne", 1), ("L'Isle-Jourdain", 1)]),
        ("labels", [("art", 2), ("ville-porte", 2)]),
        ("notes", [("2", 2), ("1", 1), ("3", 1)]),
        ("prefecture", [("false", 3), ("true", 1)]),
        ("maj", [("2024", 3), ("2022", 1), ("2023", 1)]),
        ("vu_le", [("2024", 3), ("2022", 1), ("2023", 1)]),
        ("surface", [("0.0", 1), ("41.5", 1), ("70.0", 1), ("72.48", 1), ("97.0", 1)]),
        ("niveau", [("Gers", 4, [("Auch", 2, [("Centre", 1)]), ("Condom", 1), ("Fleurance", 1)]), ("Landes", 1)]),
        ("title", [('Dite "la porte"', 1), ("Ville", 1), ("Chef-lieu", 1), ("l'eau 50% d'ici _", 1)]),
        ("`a b-c\\`d`", [("x", 2), ("y", 1), ("z", 1)]),
        ('facet(name="canton", sort="alphanum", limit=2)', [("Auch-1", 2), ("Baïse-Armagnac", 1)]),
        ("facet(name='canton', sort='-alphanum', limit=1)", [("L'Isle-Jourdain", 1)]),
        ('facet(limit=1, name="notes", sort="-num")', [("3", 1)]),
        ('facet(name="notes", sort="count", limit=1)', [("1", 1)]),
        ('facet(name="nom", hierarchical=true, separator="-", limit=1)', [("Auch", 1)]),
        ('facet(name="niveau", hierarchical=false, limit=1, sort="-alphanum")', [("Landes", 1)]),
    ],
)
def test_values_are_counted(facet: str, values: list[tuple[Any, ...]], towns: Source, engine: Engine) -> None:
    """Each record counts once for each of its values; nulls are not listed; the most frequent come first."""
    (group,) = facets(towns, engine, facet)
    assert sorted(map(str, flat(group.values))) == sorted(map(str, values))
    counts = [value.count for value in group.values]
    if "sort" not in facet:
        assert counts == sorted(counts, reverse=True)


def test_names_may_be_listed_in_one_parameter(towns: Source, engine: Engine) -> None:
    """A comma parts several facets."""
    assert [group.name for group in facets(towns, engine, "nom,canton", "maj")] == ["nom", "canton", "maj"]


def test_dates_open_where_they_are_refined(towns: Source, engine: Engine) -> None:
    """A refined year shows its months, a refined month its days; values are what refine takes back."""
    (group,) = facets(towns, engine, "maj", refine=("maj:2024",))
    assert flat(group.values) == [("2024", 3, [("mai", 2), ("janvier", 1)])]
    assert group.values[0].state == "refined"
    (group,) = facets(towns, engine, "maj", refine=("maj:2024/5",))
    assert flat(group.values) == [("2024", 2, [("mai", 2, [("01", 1), ("17", 1)])])]
    month = group.values[0].children[0]
    assert (month.value, month.state, month.children[0].value) == ("2024/05", "refined", "2024/05/01")
    (group,) = facets(towns, engine, "maj", refine=("maj:2024",), lang="en")
    assert [month.name for month in group.values[0].children] == ["May", "January"]


@pytest.mark.parametrize(
    ("facet", "exclude", "states"),
    [
        ("canton", ("canton:Auch-1",), {"Auch-1": (0, "excluded"), "Baïse-Armagnac": (1, "displayed")}),
        ("labels", ("labels:art",), {"art": (0, "excluded"), "ville-porte": (1, "displayed")}),
        ("prefecture", ("prefecture:TRUE",), {"true": (0, "excluded"), "false": (3, "displayed")}),
        ("notes", ("notes:2.0",), {"2": (0, "excluded"), "3": (1, "displayed")}),
        ("surface", ("surface:97",), {"97.0": (0, "excluded"), "41.5": (1, "displayed")}),
        ("maj", ("maj:2024/5/1",), {"2024": (2, "displayed"), "2024/05/01": (0, "excluded")}),
        ("niveau", ("niveau:Gers/Auch",), {"Gers": (2, "displayed"), "Gers/Auch": (0, "excluded")}),
    ],
)
def test_values_left_out_are_still_told(
    facet: str, exclude: tuple[str, ...], states: dict[str, Any], towns: Source, engine: Engine
) -> None:
    """A value that exclude names is listed with no record and the state "excluded"; others keep their counts."""

    def gather(values: tuple[FacetValue, ...]) -> dict[str, Any]:
        found = {value.value: (value.count, value.state) for value in values}
        return found | {name: state for value in values for name, state in gather(value.children).items()}

    (group,) = facets(towns, engine, facet, exclude=exclude)
    found = gather(group.values)
    assert {value: found[value] for value in states} == states


def test_dates_follow_the_zone_asked(towns: Source, engine: Engine) -> None:
    """A datetime belongs to the year that it has in the zone of the request."""
    (group,) = facets(towns, engine, "vu_le", timezone="Europe/Paris")
    assert flat(group.values) == [("2024", 4), ("2022", 1)]
    assert kept(towns, engine, refine=("vu_le:2024/01/01",), timezone="Europe/Paris") == "CF"


def test_counts_honour_the_query(towns: Source, engine: Engine) -> None:
    """where, refine and exclude reduce the counts; a disjunctive facet ignores its own refinements."""
    (labels,) = facets(towns, engine, "labels", where=("population > 9000",), exclude=("nom:Auch",))
    assert flat(labels.values) == [("ville-porte", 1)]
    (canton, nom) = facets(towns, engine, "canton", "nom", refine=("canton:Auch-1",))
    assert [value.state for value in canton.values] == ["refined", "displayed", "displayed", "displayed"]
    assert flat(nom.values) == [("Auch", 1), ("Éauze", 1)]
    (labels,) = facets(towns, engine, "labels", refine=("labels:art",))
    assert {(v.name, v.count, v.state) for v in labels.values} == {
        ("art", 2, "refined"),
        ("ville-porte", 1, "displayed"),
    }
    (labels,) = facets(towns, engine, 'facet(name="labels", disjunctive=true)', refine=("labels:art",))
    assert flat(labels.values) == [("art", 2), ("ville-porte", 2)]


@pytest.mark.parametrize(
    ("clauses", "towns_kept"),
    [
        ({"refine": ("canton:Auch-1",)}, "AÉ"),
        ({"refine": ('canton:"Auch-1"',)}, "AÉ"),
        ({"refine": ("canton:'Auch-1'",)}, "AÉ"),
        ({"refine": ("`canton`:Auch-1",)}, "AÉ"),
        ({"refine": ("canton: Auch-1 ",)}, "AÉ"),
        ({"refine": ("`a b-c\\`d`:x",)}, "AÉ"),
        ({"refine": ("title:Ville",)}, "C"),
        ({"refine": ("default.title:Ville",)}, "C"),
        ({"refine": ('title:Dite "la porte"',)}, "L"),
        ({"refine": ('title:"Dite \\"la porte\\""',)}, "L"),
        ({"refine": ("nom:L'Isle-Jourdain",)}, "L"),
        ({"refine": ("nom:Auch", "nom:Condom")}, "AC"),
        ({"refine": ("canton:Auch-1", "nom:Auch")}, "A"),
        ({"refine": ("labels:art", "labels:ville-porte")}, "A"),
        ({"refine": ("labels:art", "labels:ville-porte"), "facet": ('facet(name="labels",disjunctive=true)',)}, "ACL"),
        ({"refine": ("prefecture:True",)}, "A"),
        ({"refine": ("population:6500",)}, "C"),
        ({"refine": ("surface:41.5",)}, "F"),
        ({"refine": ("notes:2",)}, "AÉ"),
        ({"refine": ("maj:2024",)}, "AFL"),
        ({"refine": ("maj:2024/05",)}, "AL"),
        ({"refine": ("maj:2024/5/17",)}, "A"),
        ({"refine": ("maj:2024-05-17",)}, "A"),
        ({"refine": ("niveau:Gers",)}, "ACFL"),
        ({"refine": ("niveau:Gers/Auch",)}, "AL"),
        ({"refine": ("niveau:Ger",)}, ""),
        ({"exclude": ("canton:Auch-1",)}, "CFLM"),
        ({"exclude": ("canton:Auch-1", "nom:Condom")}, "FLM"),
        ({"exclude": ("labels:art",)}, "FLÉM"),
        ({"exclude": ("maj:2024",)}, "CÉM"),
        ({"refine": ("canton:Auch-1",), "exclude": ("nom:Auch",), "where": ("population > 1",)}, "É"),
    ],
)
def test_refine_keeps_and_exclude_removes(
    clauses: dict[str, Any], towns_kept: str, towns: Source, engine: Engine
) -> None:
    """Different facets add up; one facet repeated widens when it holds one value, narrows when it holds several."""
    assert kept(towns, engine, **clauses) == towns_kept
    assert count_query(Query(**clauses), towns, engine) == len(towns_kept)


@pytest.mark.parametrize(
    ("clauses", "said"),
    [
        ({"facet": ("nope",)}, "Unknown field: nope"),
        ({"facet": ("point",)}, "no facet"),
        ({"facet": ("facet(",)}, "unexpected end of line"),
        ({"facet": ("facet(sort='x', name='nom')",)}, "sorts by"),
        ({"facet": ("facet(nme='nom')",)}, "nme. Did you mean name"),
        ({"facet": ("facet(limit=100000, name='nom')",)}, "at most"),
        ({"facet": ("count(*)",)}, "facet"),
        ({"refine": ("nope:1",)}, "Unknown field: nope"),
        ({"refine": ("nom",)}, "name:value"),
        ({"refine": (":x",)}, "name:value"),
        ({"refine": ("population:many",)}, "a number"),
        ({"refine": ("prefecture:oui",)}, "true or false"),
        ({"refine": ("maj:hier",)}, "a date"),
        ({"refine": ("point:1",)}, "no facet"),
    ],
)
def test_wrong_facets_are_refused(clauses: dict[str, Any], said: str, towns: Source, engine: Engine) -> None:
    """Unknown names and values of another type are errors that say what was expected."""
    with pytest.raises(PortalError, match=said):
        count_facets(Query(**clauses), towns, engine)


def test_too_many_facets_are_refused(towns: Source, engine: Engine) -> None:
    """One request cannot ask for facets without end."""
    with pytest.raises(LimitExceeded):
        facets(towns, engine, *["nom"] * 51)


def test_long_facets_are_cut_and_say_so(tmp_path: Path) -> None:
    """At most a hundred values are given, with `truncated`; an explicit limit may ask for more."""
    store, schema = VersionStore(tmp_path), Schema((Field("n", "text"),))
    table = pa.table({"n": [str(n) for n in range(150)]})
    source = source_of(store.write("many", schema, table, created=datetime(2026, 1, 1, tzinfo=UTC)), store)
    engine = Engine(folders=[str(tmp_path)])
    for facet, count, truncated in (("n", 100, True), ("facet(name='n', limit=150)", 150, False)):
        (group,) = count_facets(Query(facet=(facet,)), source, engine)
        assert (len(group.values), group.truncated) == (count, truncated)
    engine.close()


def test_a_disjunctive_annotation_is_enough(towns: Source, engine: Engine) -> None:
    """A multivalued field declared disjunctive widens when it is refined twice."""
    fields = (
        replace(f, annotations={**f.annotations, "disjunctive": True}) if f.name == "labels" else f
        for f in towns.schema
    )
    source = replace(towns, schema=Schema(tuple(fields)))
    assert kept(source, engine, refine=("labels:art", "labels:ville-porte")) == "ACL"

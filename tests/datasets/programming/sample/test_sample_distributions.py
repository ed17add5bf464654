"""The distributions of the sample are those of the reference note, within what chance allows."""

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def tables(samples):
    return samples("M").tables


@pytest.fixture(scope="module")
def dates(tables):
    frame = tables["dates"].copy()
    frame["debut"] = pd.to_datetime(frame["debut"], format="mixed", dayfirst=False, errors="coerce")
    return frame[frame["debut"].notna()]


def test_venues(tables, territories):
    """Venues: 5 in the Gers, 3 in communes under 200 inhabitants, 3 % overseas, 1 % in Corsica, kinds by share."""
    placed = territories.place(tables["lieux"]["code_insee"])
    population = territories.populations("commune").reindex(placed["code_commune"])
    assert (placed["code_departement"] == "32").sum() >= 5
    assert (population < 200).sum() >= 3
    assert placed["code_region"].isin(["01", "02", "03", "04", "06"]).mean() == pytest.approx(0.03, abs=0.015)
    assert (placed["code_region"] == "94").mean() == pytest.approx(0.01, abs=0.01)
    kinds = tables["lieux"]["type_lieu"].value_counts(normalize=True)
    assert kinds["théâtre municipal"] == pytest.approx(0.30, abs=0.05)
    assert kinds["scène nationale"] == pytest.approx(0.04, abs=0.02)


def test_points_are_in_their_departement(tables, samples, territories):
    """Points are invented inside the contour of the département, the same for all venues of a commune."""
    lieux = tables["lieux"].drop(samples("M").planted("coordonnees_inversees", "lieux").index)
    points = lieux[["lat", "lon"]].apply(lambda column: column.str.replace(",", ".").astype(float))
    metropolitan = points["lat"].between(41, 51.5) & points["lon"].between(-5.6, 9.8)
    overseas = lieux["code_insee"].str.startswith("97")
    assert (metropolitan | overseas).all()
    same = points.groupby(territories.place(lieux["code_insee"])["code_commune"])
    assert (same.nunique() <= 1).all(axis=None)


def test_stops_per_tour(dates):
    """45 % of tours have one stop, 25 % two, 12 % three, 8 % four."""
    stops = dates.groupby("tournee_id")["engagement_id"].nunique()
    shares = stops.value_counts(normalize=True)
    for count, share in ((1, 0.45), (2, 0.25), (3, 0.12), (4, 0.08)):
        assert shares[count] == pytest.approx(share, abs=0.02)
    assert stops.max() <= 40


def test_statuses(dates):
    """62 % of dates were realised, 7 % cancelled, 9 % abandoned, 12 % confirmed, 6 % options, 4 % ideas."""
    shares = dates["statut"].value_counts(normalize=True)
    expected = {"realise": 0.62, "annule": 0.07, "abandonne": 0.09, "confirme": 0.12, "option": 0.06, "idee": 0.04}
    for status, share in expected.items():
        assert shares[status] == pytest.approx(share, abs=0.02)


def test_coprogrammed(dates):
    """22 % of dates are co-programmed."""
    assert (dates["coprogrammee"] == "true").mean() == pytest.approx(0.22, abs=0.02)


def test_season(dates):
    """Thursday to Saturday hold 65 % of dates; October, November and January to April are above August."""
    assert dates["debut"].dt.day_of_week.isin([3, 4, 5]).mean() == pytest.approx(0.65, abs=0.05)
    month = dates["debut"].dt.month.value_counts(normalize=True)
    assert month[[10, 11, 1, 2, 3, 4]].min() > month[8]


def test_gaps(dates, tables):
    """About 15 % of the stops of a tour come more than 10 days after the stop before."""
    known = tables["tournees"].set_index("tournee_id")["ordre_connu"] == "true"
    stops = dates.groupby(["tournee_id", "engagement_id"])["debut"].agg(["min", "max"]).reset_index()
    stops = stops[stops["tournee_id"].map(known)].sort_values(["tournee_id", "min"])
    after = stops["tournee_id"] == stops["tournee_id"].shift()
    gap = (stops["min"] - stops["max"].shift()).dt.days[after]
    short_tours = stops.groupby("tournee_id")["min"].transform("size")[after] <= 10
    assert (gap[short_tours] > 10).mean() == pytest.approx(0.15, abs=0.03)


def test_parties_and_transparency(tables):
    """Parties of 1–4 for 55 %, 5–8 for 30 %; 35 % of projects are open; 60 % of open programmers consent."""
    party = tables["projets"]["nb_personnes"].astype(int)
    assert (party <= 4).mean() == pytest.approx(0.55, abs=0.02)
    assert party.between(5, 8).mean() == pytest.approx(0.30, abs=0.02)
    assert party.max() <= 60
    assert (tables["projets"]["transparence"] == "ouvert").mean() == pytest.approx(0.35, abs=0.02)
    people = tables["programmateurs"]
    consents = people.loc[people["transparence_defaut"] == "ouvert", "consentement_open_data"] == "true"
    assert consents.mean() == pytest.approx(0.6, abs=0.05)
    assert not (people.loc[people["transparence_defaut"] != "ouvert", "consentement_open_data"] == "true").any()


def test_homes_abroad(tables, dates):
    """About one date in eight is played by a company from abroad."""
    abroad = tables["tournees"].set_index("tournee_id")["domicile_pays"] != ""
    assert dates["tournee_id"].map(abroad).mean() == pytest.approx(0.124, abs=0.03)


def test_modes(tables):
    """Lines: 30 % cars, 15 % minibuses, 25 % vans, 15 % trains, 7 % trucks, 4 % coaches, 4 % planes."""
    mode = tables["transports"]["mode"]
    families = mode.str.extract(r"^(voiture|minibus|vul|tgv|intercites|ter|porteur|articule|autocar|avion)")[0]
    families = families.replace({"tgv": "train", "intercites": "train", "ter": "train", "articule": "porteur"})
    shares = families.value_counts(normalize=True)
    expected = {"voiture": 0.30, "minibus": 0.15, "vul": 0.25, "train": 0.15, "porteur": 0.07, "autocar": 0.04}
    for family, share in (expected | {"avion": 0.04}).items():
        assert shares[family] == pytest.approx(share, abs=0.03)


def test_logs_are_in_order(tables):
    """Visits follow each other in time, inside the years of the sample."""
    instants = tables["connexions"]["horodatage"]
    assert instants.is_monotonic_increasing
    assert tables["connexions"]["horodatage"].str[:4].isin(["2024", "2025"]).all()

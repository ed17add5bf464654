"""Measures of microdata against known answers, and against the slowest program that could compute them."""

from collections import Counter, defaultdict
from math import exp, inf, isclose, log

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from datasets.disclosure.microdata import count_alike, measure
from datasets.errors import RecordsError

EIGHT = pd.DataFrame(
    [
        ("A", "x", "1"),
        ("A", "y", "1"),
        ("A", "x", "1"),
        ("B", "x", "2"),
        ("C", "y", "1"),
        ("C", "y", "1"),
        ("B", "z", "1"),
        ("A", "x", "1"),
    ],
    columns=["a", "b", "c"],
)


def test_eight_records_by_three_variables():
    """Sample frequencies are 3, 1, 3, 1, 2, 2, 1, 3: records 1, 3, 8 are alike, and so are 5 and 6."""
    assert count_alike(EIGHT, ["a", "b", "c"]).tolist() == [3, 1, 3, 1, 2, 2, 1, 3]


def test_eight_records_with_a_missing_pair():
    """Record 3 without its first and last value is like records 1, 8 and 4, if a null may be anything: 3, 1, 4, 2, …

    As a value of its own, which an attacker cannot undo, the pair makes it unique.
    """
    frame = EIGHT.copy()
    frame.loc[2, ["a", "c"]] = None
    assert count_alike(frame, ["a", "b", "c"], missing="any").tolist() == [3, 1, 4, 2, 2, 2, 1, 3]
    assert count_alike(frame, ["a", "b", "c"]).tolist() == [2, 1, 1, 1, 2, 2, 1, 2]


def test_a_class_of_three_flus_and_one_cold():
    """Worked by hand: l = 2, entropy exp(H(¾, ¼)) = 1.7548, c = 3 (l = 2), α = ¾, t = ½·(¼ + ¼) = ¼ (q = ½, ½)."""
    frame = pd.DataFrame({"age": [30] * 4 + [40] * 4, "soin": ["g", "g", "g", "r", "r", "r", "r", "g"]})
    found = measure(frame, ["age"], ["soin"])
    assert (found.records, found.classes, found.k, found.distinct) == (8, 2, 4, 2)
    assert (found.entropy, found.recursive) == (pytest.approx(1.754765), pytest.approx(3))
    assert (found.alpha, found.closeness) == (pytest.approx(0.75), pytest.approx(0.25))


def test_salaries_that_are_close_are_worth_less():
    """Nine salaries, 3 to 11, in three classes: the one that holds 3, 4 and 5 is at a distance of 0.375."""
    frame = pd.DataFrame({"zone": list("AAABBBCCC"), "salaire": [3, 4, 5, 6, 8, 11, 7, 9, 10]})
    assert measure(frame, ["zone"], ["salaire"]).closeness == pytest.approx(0.375)
    rest = frame.assign(zone=["A", "B", "B", "A", "A", "A", "B", "B", "B"])
    assert measure(rest, ["zone"], ["salaire"]).closeness < 0.375
    assert measure(frame, ["zone"], ["salaire"], ordered=()).closeness == pytest.approx(2 / 3)


def test_presence_in_a_public_population():
    """Two of four people, and three of three: who is of the second class is in the frame for certain."""
    population = pd.DataFrame({"ville": ["Auch"] * 4 + ["Condom"] * 3 + ["Eauze"]})
    frame = pd.DataFrame({"ville": ["Auch"] * 2 + ["Condom"] * 3})
    assert measure(frame, ["ville"], population=population).presence == (0, 1)
    assert measure(frame[:2], ["ville"], population=population[:4]).presence == (0.5, 0.5)
    with pytest.raises(RecordsError, match="population"):
        measure(frame, ["ville"], population=population[:5])


def measure_slowly(rows, keys, sensitive, ordered):
    """Every measure, written from its definition with loops over rows."""
    classes = defaultdict(list)
    for row in rows:
        classes[tuple(row[i] for i in keys)].append(row)
    found = {"k": min(map(len, classes.values())), "distinct": inf, "entropy": inf, "alpha": 0.0, "closeness": 0.0}
    for column in sensitive:
        everyone = [row[column] for row in rows]
        for members in classes.values():
            values = [row[column] for row in members]
            shares = {v: values.count(v) / len(values) for v in set(values)}
            found["distinct"] = min(found["distinct"], len(shares))
            found["entropy"] = min(found["entropy"], exp(-sum(p * log(p) for p in shares.values())))
            found["alpha"] = max(found["alpha"], max(shares.values()))
            moves, distance, scale = sorted(set(everyone)), 0.0, 0.5
            if column in ordered:
                scale = 1 / (len(moves) - 1) if len(moves) > 1 else 0.0
                for v in moves:
                    here, there = (sum(w <= v for w in some) / len(some) for some in (values, everyone))
                    distance += abs(here - there)
            else:
                distance = sum(abs(shares.get(v, 0) - everyone.count(v) / len(everyone)) for v in moves)
            found["closeness"] = max(found["closeness"], scale * distance)
    found["recursive"] = max(
        (recur(m, c, int(found["distinct"])) for m in classes.values() for c in sensitive), default=0
    )
    return found


def recur(members, column, least):
    """c₁ / (c_l + …) of one class."""
    sizes = sorted(Counter(row[column] for row in members).values(), reverse=True)
    return sizes[0] / sum(sizes[least - 1 :])


@pytest.mark.parametrize("block", range(4))
def test_measures_equal_their_definitions(block):
    """On 200 random frames (50 each) every measure equals the one computed by loops over rows."""
    for seed in range(50 * block, 50 * block + 50):
        rng = np.random.default_rng(seed)
        n, q, s = int(rng.integers(1, 40)), int(rng.integers(1, 4)), int(rng.integers(0, 3))
        data = rng.integers(0, rng.integers(1, 6), (n, q + s))
        frame = pd.DataFrame(data).rename(columns=str)
        keys, sensitive = [str(i) for i in range(q)], [str(i) for i in range(q, q + s)]
        ordered = sensitive[: int(rng.integers(0, s + 1))]
        found = measure(pa.Table.from_pandas(frame) if seed % 2 else frame, keys, sensitive, ordered=ordered)
        slow = measure_slowly(data.tolist(), range(q), range(q, q + s), [int(name) for name in ordered])
        for name, value in slow.items():
            assert isclose(getattr(found, name), value, abs_tol=1e-12), (seed, name)


def test_compatible_records_are_counted_as_by_loops():
    """With nulls that may be anything, 60 random frames give the counts of a comparison of all pairs."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        codes = rng.integers(0, 4, (int(rng.integers(1, 30)), 3))
        frame = pd.DataFrame(codes, columns=["a", "b", "c"]).replace(0, None)
        slow = [sum(all(x == y or 0 in (x, y) for x, y in zip(a, b, strict=True)) for b in codes) for a in codes]
        assert count_alike(frame, ["a", "b", "c"], missing="any").tolist() == slow


def test_missing_values_are_values_of_their_own():
    """Nulls are alike, as keys and as sensitive values."""
    frame = pd.DataFrame({"ville": [None, None, "Auch"], "soin": ["g", None, None]})
    found = measure(frame, ["ville"], ["soin"])
    assert (found.classes, found.k, found.distinct) == (2, 1, 1)
    assert measure(frame[:2], ["ville"], ["soin"]).distinct == 2


def test_an_empty_frame_hides_nobody():
    """No record: k is 0, and nothing fails."""
    found = measure(pd.DataFrame({"a": [], "s": []}), ["a"], ["s"])
    assert (found.records, found.k, found.closeness) == (0, 0, 0)


@pytest.mark.parametrize(("keys", "sensitive"), [(["z"], []), ([], []), (["b"], []), (["a"], ["a"])])
def test_columns_that_are_not_there_or_named_twice_are_refused(keys, sensitive):
    """A key variable that the frame lacks, none at all, or one named twice, is refused with the name."""
    with pytest.raises(RecordsError, match="Name each column once"):
        measure(EIGHT.assign(b2="").rename(columns={"b2": "b"}), keys, sensitive)


@pytest.mark.parametrize("values", [[[1], [2]], [("a",), 1]])
def test_values_that_cannot_be_compared_are_refused(values):
    """A column of lists, or of several kinds, is refused by its name."""
    with pytest.raises(RecordsError, match="column liste") as refused:
        measure(pd.DataFrame({"liste": values}), ["liste"])
    assert "colonne liste" in refused.value.message("fr")


def test_any_type_of_column_can_be_a_key():
    """Categories, instants with a zone, booleans, decimals and nulls from Arrow are compared by value."""
    table = pa.table(
        {
            "ville": pa.array(["a", "b", "a", None]).dictionary_encode(),
            "instant": pa.array([1, 1, 1, None], pa.timestamp("us", "Europe/Paris")),
            "vrai": pa.array([True, False, True, None]),
            "prix": pa.array([1, 1, 1, None], pa.decimal128(5, 2)),
        }
    )
    assert count_alike(table, table.column_names).tolist() == [2, 1, 2, 1]

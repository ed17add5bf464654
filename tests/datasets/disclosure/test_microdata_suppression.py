"""Local suppression hides few cells, and as many records as promised look exactly the same."""

from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from datasets.disclosure.microdata import count_alike, suppress_cells
from datasets.errors import DisclosureError


def make_codes(seed, most=30):
    """A random frame of small codes, skewed so that some records are rare."""
    rng = np.random.default_rng(seed)
    n, q = int(rng.integers(4, most)), int(rng.integers(1, 5))
    return pd.DataFrame(rng.geometric(0.5, (n, q)), columns=[f"q{j}" for j in range(q)])


@pytest.mark.parametrize("k", [2, 3, 5])
def test_every_record_is_like_others_and_nothing_is_changed_but_to_null(k):
    """On 50 random frames each record has k − 1 twins; what is not null is as it was; the count of nulls is right."""
    for seed in range(50):
        frame = make_codes(seed)
        if len(frame) < k:
            continue
        keys = list(frame)
        found = suppress_cells(frame.assign(other=1.5), keys, k)
        told = found.frame[keys]
        assert count_alike(told, keys).min() >= k
        assert (told.isna() | (told == frame)).to_numpy(dtype=bool).all()
        assert found.cells == {name: int(told[name].isna().sum()) for name in keys}
        assert (found.frame["other"] == 1.5).all()


def test_somebody_who_knows_the_person_finds_k_records():
    """For the true values of each person, k published records or more say nothing else."""
    for seed in range(40):
        frame = make_codes(seed)
        told = suppress_cells(frame, list(frame), 3).frame.astype(object)
        for person in frame.to_numpy():
            fits = [all(pd.isna(t) or t == x for t, x in zip(row, person, strict=True)) for row in told.to_numpy()]
            assert sum(fits) >= 3


def find_fewest(codes, k):
    """Brute force: the fewest nulls that give each record k − 1 twins, all patterns of nulls tried."""
    n, q = codes.shape
    masks = np.array(list(product((False, True), repeat=n * q))).reshape(-1, n, q)
    told = np.where(masks, 0, codes) @ (10 ** np.arange(q))
    alike = (told[:, :, None] == told[:, None, :]).sum(axis=2).min(axis=1) >= k
    return int(masks[alike].sum(axis=(1, 2)).min())


def test_few_cells_are_hidden():
    """On 60 tiny frames the heuristic is never below the least number of nulls, and hardly above it in all."""
    hidden = least = 0
    for seed in range(60):
        codes = np.random.default_rng(seed).integers(1, 4, (6, 2))
        nulls = sum(suppress_cells(pd.DataFrame(codes, columns=["a", "b"]), ["a", "b"], 2).cells.values())
        fewest = find_fewest(codes, 2)
        assert nulls >= fewest
        hidden, least = hidden + nulls, least + fewest
    assert hidden <= 1.15 * least


def test_what_is_safe_is_left_alone():
    """Nothing is hidden where every record has its twins already; types stay."""
    frame = pd.DataFrame({"a": [1, 1, 2, 2], "b": ["x", "x", "y", "y"]})
    found = suppress_cells(frame, ["a", "b"], 2)
    pd.testing.assert_frame_equal(found.frame, frame)
    assert found.cells == {"a": 0, "b": 0}


def test_dear_variables_are_hidden_last():
    """Where either variable would do, the cheaper one is hidden; whole numbers stay whole beside a null."""
    frame = pd.DataFrame({"age": [30, 30, 31, 31], "ville": ["a", "b", "a", "b"]})
    assert suppress_cells(frame, ["age", "ville"], 2, {"ville": 5}).cells == {"age": 4, "ville": 0}
    found = suppress_cells(frame, ["age", "ville"], 2, {"age": 5})
    assert found.cells == {"age": 0, "ville": 4}
    assert str(found.frame["age"].dtype) == "int64"
    assert str(suppress_cells(frame, ["age", "ville"], 2, {"ville": 5}).frame["age"].dtype) == "Int64"


def test_fewer_records_than_k_cannot_be_hidden():
    """Three records cannot look like five; none at all need not; an Arrow table is read too."""
    table = pa.table({"a": [1, 2, 3]})
    with pytest.raises(DisclosureError, match="fewer than 5") as refused:
        suppress_cells(table, ["a"], 5)
    assert "moins de 5" in refused.value.message("fr")
    assert suppress_cells(table.slice(0, 0), ["a"], 5).cells == {"a": 0}
    assert suppress_cells(table, ["a"], 3).cells == {"a": 3}

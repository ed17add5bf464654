"""Keys computed on whole columns agree with those that another library computes one by one."""

import numpy as np
import pyarrow as pa
from stdnum.fr import siren, siret

from datasets.types import TYPES
from datasets.types.keys import luhn, siret_key, uai_key


def test_luhn_keys_agree_with_another_library() -> None:
    """Ten thousand numbers of nine digits, right and wrong."""
    numbers = [f"{n:09d}" for n in np.random.default_rng(32).integers(1, 10**9, 10_000)]
    assert luhn(pa.array(numbers)).tolist() == [siren.is_valid(number) for number in numbers]


def test_siret_keys_agree_with_another_library() -> None:
    """SIRET of any organisation and of La Poste, whose offices have a rule of their own, right and wrong."""
    draw = np.random.default_rng(32).integers(0, 10**5, 3000)
    numbers = [f"{head}{n:05d}" for n in draw for head in ("552081317", "356000000", "200066926")]
    assert siret_key(pa.array(numbers)).tolist() == [siret.is_valid(number) for number in numbers]


def test_the_letter_of_a_school_is_unique() -> None:
    """Of the letters of the alphabet, one alone is right for a number, and it is never I, O or Q."""
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1) if chr(code) not in "IOQ"]
    assert [letter for letter in letters if uai_key(pa.array([f"0320001{letter}"]))[0]] == ["C"]
    assert TYPES["uai"].matches(pa.array([f"0320001{letter}" for letter in "IOQ"])).to_pylist() == [False] * 3

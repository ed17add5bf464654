"""Keys of French numbers, computed on whole columns: Luhn (SIREN, SIRET), the letter of schools, the one of IBAN."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from stdnum import iban

LETTERS = np.array(list("ABCDEFGHJKLMNPRSTUVWXYZ"))
"""The letters of a UAI: I, O and Q are left out; the rank is the remainder of the number by 23."""
POSTE = 356_000_000
POSTE_SEAT = 35_600_000_000_048


def whole_numbers(texts: pa.StringArray) -> np.ndarray:
    """Return texts of digits (at most 18) as whole numbers."""
    return pc.cast(texts, pa.int64()).to_numpy(zero_copy_only=False)


def digits_of(numbers: np.ndarray) -> np.ndarray:
    """Return the digits of whole numbers, units first: one row per number, 18 columns."""
    return numbers[:, None] // 10 ** np.arange(18, dtype=np.int64) % 10


def luhn(texts: pa.StringArray) -> np.ndarray:
    """Return which texts of digits have a right Luhn key (every second digit doubled, the sum a multiple of ten)."""
    digits = digits_of(whole_numbers(texts))
    doubled = digits[:, 1::2] * 2
    total = digits[:, ::2].sum(axis=1) + np.where(doubled > 9, doubled - 9, doubled).sum(axis=1)
    return (total % 10 == 0) & (total > 0)


def siret_key(texts: pa.StringArray) -> np.ndarray:
    """Return which SIRET have a right key: Luhn, but for the offices of La Poste (a sum that is a multiple of five)."""
    numbers = whole_numbers(texts)
    office = (numbers // 100_000 == POSTE) & (numbers != POSTE_SEAT)
    return np.where(office, digits_of(numbers).sum(axis=1) % 5 == 0, luhn(texts))


def uai_key(texts: pa.StringArray) -> np.ndarray:
    """Return which UAI (seven digits and a letter) have the right letter."""
    numbers = whole_numbers(pc.utf8_slice_codeunits(texts, 0, 7))
    return LETTERS[numbers % len(LETTERS)] == np.array(pc.utf8_slice_codeunits(texts, 7, 8).to_pylist(), dtype="U1")


def iban_key(texts: pa.StringArray) -> np.ndarray:
    """Return which IBAN have a right key (ISO 13616) and the length of their country."""
    return np.array([iban.is_valid(text) for text in texts.to_pylist()], dtype=bool)

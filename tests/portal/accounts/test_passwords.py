"""Passwords: the CNIL's examples pass, what guessers try first does not, and only a hash is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import passwords


@pytest.mark.parametrize(
    "password",
    [
        "vR7!kq2#Zp9&",  # 12 of the four kinds
        "vR7kq2Zp9TmLxW",  # 14 without a special one
        "cheval lune radis pompe treize volet nuage",  # seven words
        "qmzfhdpwkxvurlbtcy",  # 18 lower-case letters
        "日本語のとても長い合言葉です、忘れないでください",
    ],
)
def test_the_examples_of_the_cnil_are_strong(password: str) -> None:
    """What the deliberation gives as 80 bits is accepted."""
    assert passwords.is_strong(password)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "vR7!kq2#Zp9",  # 11 of the four kinds
        "vR7kq2Zp9TmLx",  # 13 without a special one
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababababababab",
        "abcdefghijklmnopqrstuvwxyz",
        "98765432109876543210",
        "Motdepasse!Motdepasse!1",
        "CorrectHorseBatteryStaple!1",
        "Azertyuiop123456!",
        "P" * 5000,
    ],
)
def test_what_guessers_try_first_is_weak(password: str) -> None:
    """Short passwords, repetitions, sequences and well-known words do not reach 80 bits."""
    assert not passwords.is_strong(password)


def test_ones_own_address_adds_nothing() -> None:
    """A password made of the person's own address is refused, though it is long."""
    email = "jeanne.dupont-lamarche@example.org"
    assert passwords.is_strong(email)
    assert not passwords.is_strong(email + "1!", (email,))


@given(st.text(max_size=60), st.text(max_size=30))
def test_entropy_is_a_low_estimate_of_any_text(password: str, known: str) -> None:
    """Whatever is typed has an entropy, never above the CNIL's formula for its length."""
    assert 0 <= passwords.measure_entropy(password, (known,)) <= len(password) * 6.63


@pytest.mark.usefixtures("dear_passwords")
def test_only_a_salted_argon2id_hash_is_kept() -> None:
    """Two people with one password have two hashes, made by Argon2id with at least 64 MiB."""
    first, second = passwords.hash_password("vR7!kq2#Zp9&"), passwords.hash_password("vR7!kq2#Zp9&")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=65536,")
    assert passwords.verify_password(first, "vR7!kq2#Zp9&")
    assert not passwords.verify_password(first, "vR7!kq2#Zp9&\0")


@pytest.mark.parametrize("kept", [None, "", "plain", "$argon2id$v=19$m=1,t=1,p=1$YWFhYWFhYWE$YWFhYWFhYWE"])
def test_no_password_opens_what_has_none(kept: str | None) -> None:
    """A missing or damaged hash refuses every password."""
    assert not passwords.verify_password(kept, "")
    assert not passwords.verify_password(kept, "anything")

"""The policy file: complete, obeyed by functions that exist, and told by the page in both languages."""

from importlib import import_module
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from portal.accounts.service import SESSION_LIFE
from portal.privacy.calendar import Duration
from portal.privacy.policy import FILE, POLICY, parse_duration, read_policy
from tests.portal.test_databases import METADATA


def test_every_clause_is_kept_by_a_function_that_exists() -> None:
    """A promise names the function that keeps it, and that function is there."""
    for clause in POLICY.clauses.values():
        module, _, name = clause.kept_by.partition(":")
        assert callable(getattr(import_module(module), name)), clause.id


def test_the_first_clauses_are_there() -> None:
    """What the two policies promise about accounts, trackers, audience and security is in the file."""
    expected = {"A11", "A12", "A14", "A19", "A24", "A25", "B3", "B11", "B16", "B17", "B25"}
    assert expected <= set(POLICY.clauses)


@pytest.mark.parametrize(
    ("clause", "duration"),
    [
        ("A12", Duration(months=12)),
        ("A24", Duration(days=7)),
        ("B16", Duration(months=13)),
        ("B17", Duration(months=13)),
    ],
)
def test_delays_are_those_of_the_signed_policies(clause: str, duration: Duration) -> None:
    """A delay is a promise: changing it by a day is not a detail."""
    assert POLICY.duration(clause) == duration


def test_sessions_last_what_the_policy_says() -> None:
    """The life of a session in the code is the one that the page tells."""
    assert Duration(days=SESSION_LIFE.days) == POLICY.duration("A24")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_text_is_in_both_languages(language: str) -> None:
    """No category or clause is left untranslated."""
    for category in POLICY.categories.values():
        for texts in (category.name, category.content, category.purpose, category.basis, category.recipients):
            assert texts[language].strip(), category.id
    assert all(clause.says[language].strip() for clause in POLICY.clauses.values())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('duration = "P1Y"\n', "", "A12"),
        ('family = "immediate"', 'family = "someday"', "someday"),
        ('duration = "P1Y"', 'duration = "1 year"', "1 year"),
        ('duration = "P1Y"', 'duration = "P"', "'P'"),
        ('id = "A12"\ncategory = "account"', 'id = "A12"\ncategory = "shoes"', "shoes"),
        ('id = "A14"', 'id = "A11"', "A11"),
        ("au plus tard {delay} après", "au plus tard un an après", "A12"),
        ('id = "key"\n', 'id = "invoice"\n', "'key'"),
        ('id = "P1"\ncategory = "key"', 'id = "P1"\ncategory = "account"', "category key has no end"),
    ],
)
def test_a_faulty_policy_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """A missing delay, an unknown word, a category without an end: the policy does not load, and says where."""
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "policy.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r".+") as caught:
        read_policy(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "duration"),
    [("P1Y", Duration(12)), ("P13M", Duration(13)), ("P7D", Duration(0, 7)), ("P1Y2M3D", Duration(14, 3))],
)
def test_a_delay_is_read(text: str, duration: Duration) -> None:
    """Years, months and days are read from their ISO form."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_tells_every_clause_and_who_is_answerable(client: FlaskClient, lang: str) -> None:
    """The privacy page names controller, officer, addresses and hosting, each clause, and the CNIL."""
    settings = client.application.extensions["portal"].settings
    response = client.get("/pages/privacy/", query_string={"lang": lang})
    assert response.status_code == 200
    for name in ("controller", "officer_name", "officer_email", "rights_address", "hosting_company", "hosting_place"):
        assert getattr(settings, name) in response.text
    for clause in POLICY.clauses.values():
        assert f'id="{clause.id}"' in response.text
    assert "{delay}" not in response.text
    assert "www.cnil.fr/plaintes" in response.text


@pytest.mark.parametrize(("lang", "said"), [("fr", "13 mois"), ("en", "13 months"), ("fr", "1 an "), ("en", "7 days")])
def test_the_page_tells_delays_in_words(client: FlaskClient, lang: str, said: str) -> None:
    """Delays on the page come from the file, in the reader's language."""
    assert said in client.get("/pages/privacy/", query_string={"lang": lang}).text


def test_a_demonstration_says_so(client: FlaskClient) -> None:
    """With the demonstration's identity the page says that nobody answers at these addresses."""
    assert "nobody answers there" in client.get("/pages/privacy/", query_string={"lang": "en"}).text


def test_every_column_of_every_table_has_its_category() -> None:
    """A column that the policy does not know is a promise that nobody made: name it, or drop it."""
    kept = {table.name: set(table.columns) for table in POLICY.tables}
    assert kept == {
        f"{database}.{table.name}": {column.name for column in table.columns}
        for database, metadata in METADATA.items()
        for table in metadata.sorted_tables
    }


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_register_tells_each_processing(client: FlaskClient, lang: str) -> None:
    """The register of article 30 has a section for each category: purpose, basis, recipients, delays, place."""
    page = client.get("/pages/register/", query_string={"lang": lang}).text
    for category in POLICY.categories.values():
        for texts in (category.purpose, category.basis, category.recipients):
            assert str(escape(texts[lang])) in page, category.id
        assert all(table in page for table in POLICY.tables_of(category.id))
    assert "{delay}" not in page

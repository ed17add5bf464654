"""The policy file: complete, obeyed by functions that exist, and told by the page in both languages."""

import ast
import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from datasets.errors import PermissionDenied
from portal.accounts.entering.service import SESSION_LIFE
from portal.audience.pages import COOKIE as OBJECTION
from portal.privacy import routes
from portal.privacy.calendar import PARIS, Duration, paris_day
from portal.privacy.policy import FILE, POLICY, PURPOSES, SEAL, Policy, parse_duration, read_policy, verify_seal
from tests.portal.test_databases import METADATA

TESTS = Path(__file__).resolve().parents[2]


def test_every_clause_is_kept_by_a_function_that_exists() -> None:
    """A promise names the function that keeps it, and that function is there."""
    for clause in POLICY.clauses.values():
        module, _, name = clause.kept_by.partition(":")
        assert callable(attrgetter(name)(import_module(module))), clause.id


def find_tests() -> dict[str, list[str]]:
    """Return the marks of every test function of the suite, by name."""
    marks: dict[str, list[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks[node.name] = [ast.unparse(mark) for mark in node.decorator_list]
    return marks


def test_every_clause_names_tests_that_run() -> None:
    """A promise without a test that runs at each delivery, or with one that is skipped, cannot be delivered."""
    marks = find_tests()
    for clause in POLICY.clauses.values():
        for name in clause.tests:
            assert name in marks, f"clause {clause.id} names {name}, which is no test: name the test that watches it"
            idle = [mark for mark in marks[name] if "skip" in mark or "xfail" in mark or "verify" in mark]
            assert not idle, f"clause {clause.id}: {name} does not run in the ordinary suite ({idle})"


def test_the_clauses_of_both_policies_are_there() -> None:
    """What the two policies promise is in the file, clause by clause."""
    missing = {*(f"A{number}" for number in range(1, 30)), *(f"B{number}" for number in range(1, 29))}
    missing -= set(POLICY.clauses)
    assert missing == set()


DELAYS = {
    "A12": Duration(months=12),
    "A13": Duration(days=7),
    "A21": Duration(months=1),
    "A22": Duration(months=12),
    "A24": Duration(days=7),
    "B12": Duration(months=60),
    "B13": Duration(months=12),
    "B14": Duration(months=36),
    "B15": Duration(months=36),
    "B16": Duration(months=13),
    "B17": Duration(months=13),
    "B26": Duration(months=12),
    "P3": Duration(months=1),
    "P4": Duration(days=1),
    "P7": Duration(months=12),
    "P8": Duration(days=7),
    "P9": Duration(months=3),
    "P10": Duration(months=3),
    "P11": Duration(months=12),
}
"""The delays as they were signed: a second copy, so that changing the file alone fails."""


def list_delays(policy: Policy) -> dict[str, Duration]:
    """Return the delay of each clause that has one."""
    return {clause.id: clause.duration for clause in policy.clauses.values() if clause.duration}


def test_delays_are_those_that_were_signed() -> None:
    """A delay is a promise: changing one by a day is not a detail."""
    assert list_delays(POLICY) == DELAYS


@pytest.mark.parametrize("days", [-1, 1])
def test_changing_any_delay_by_a_day_is_seen(tmp_path: Path, days: int) -> None:
    """Whatever the clause, a delay of one day more or less is no longer what was signed."""
    text = FILE.read_text(encoding="utf-8")
    for number, found in enumerate(re.finditer(r'duration = "(\w+)"', text)):
        delay = parse_duration(found[1])
        changed = (
            f'duration = "P{delay.months - 1}M{delay.days + 30 + days}D"'
            if delay.months
            else f'duration = "P{delay.days + days}D"'
        )
        path = tmp_path / f"{number}.toml"
        path.write_text(text[: found.start()] + changed + text[found.end() :], encoding="utf-8")
        assert list_delays(read_policy(path)) != DELAYS


@given(
    st.datetimes(
        timezones=st.just(UTC),
        min_value=datetime.fromisoformat("2026-01-01"),
        max_value=datetime.fromisoformat("2030-01-01"),
    )
)
def test_a_shorter_delay_applies_at_once_and_a_longer_one_never_to_older_data(start: datetime) -> None:
    """What began under a shorter promise keeps it; what began under a longer one gets today's."""
    changed = datetime(2028, 1, 1, tzinfo=PARIS).date()
    for before, now in ((Duration(months=12), Duration(months=6)), (Duration(months=6), Duration(months=12))):
        clause = replace(POLICY.clauses["A12"], duration=now, earlier=((changed, before),))
        bound = min(delay.months for delay in clause.delays(start))
        assert bound == (min(before.months, now.months) if paris_day(start) < changed else now.months)


@given(st.sampled_from(sorted(POLICY.categories)), st.sampled_from(PURPOSES))
def test_a_use_outside_its_purposes_is_refused(category: str, purpose: str) -> None:
    """Each category is used for its own purposes; for any other, whoever asks is refused."""
    allowed = purpose in POLICY.categories[category].purposes
    with nullcontext() if allowed else pytest.raises(PermissionDenied):
        POLICY.require(category, purpose)


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
        ('tests = ["test_a_person_erases', 'tests_ = ["test_a_person_erases', "A11"),
        ('evidence = "receipt"', 'evidence = "my word"', "my word"),
        ('resolves = ["X2"]', 'resolves = ["X99"]', "X99"),
        ('purposes = ["service", "security", "rights"]', 'purposes = ["curiosity"]', "account"),
        ('basis = { fr = "Exécution', 'basis_ = { fr = "Exécution', "A5"),
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


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_charter_tells_the_cookies_that_are_set(client: FlaskClient, lang: str) -> None:
    """The charter lists the cookies that the program may set, no fewer and no more, with their life."""
    page = client.get("/pages/cookies/", query_string={"lang": lang}).text
    set_by_the_program = {client.application.config["SESSION_COOKIE_NAME"], OBJECTION}
    assert {cookie.name for cookie in POLICY.cookies} == set_by_the_program
    for cookie in POLICY.cookies:
        assert f"<code>{cookie.name}</code>" in page
        assert str(escape(cookie.purpose[lang])) in page
    assert ("7 jours" if lang == "fr" else "7 days") in page


TEMPLATES = Path(routes.__file__).parent.parent / "templates"


def read_whole(path: Path) -> str:
    """Return a template with those that it extends or includes."""
    text = path.read_text(encoding="utf-8")
    names = re.findall(r'{% (?:extends|include) "([^"]+)"', text)
    return text + "".join(read_whole(TEMPLATES / name) for name in names if name not in ("layout.html", "macros.html"))


def test_every_form_about_persons_tells_what_it_is_for() -> None:
    """Wherever something is asked of a person the page says what must be given, to whom it goes, and their rights."""
    asking = [
        path
        for folder in ("accounts", "rights")
        for path in sorted((TEMPLATES / folder).glob("*.html"))
        if "m.field(" in path.read_text(encoding="utf-8")
    ]
    assert len(asking) > 10
    assert [path.name for path in asking if "/pages/privacy/" not in read_whole(path)] == []
    assert [path.name for path in asking if "authorised staff" not in read_whole(path)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Vous reconnaître", "Te reconnaître"),
        ('"P13M"', '"P14M"'),
        ("effective = 2026-11-22", "effective = 2026-11-23"),
    ],
)
def test_a_text_does_not_change_under_the_version_that_people_read(tmp_path: Path, old: str, new: str) -> None:
    """Any word, delay or date that changes breaks the seal of its version."""
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "policy.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match="new version and a new date"):
        verify_seal(path)


def test_the_seal_is_that_of_what_people_read(tmp_path: Path) -> None:
    """Layout and the names of tests may change; the page tells the seal of the version in force."""
    text = FILE.read_text(encoding="utf-8").replace("\n[[clause]]", "\n# a remark\n[[clause]]")
    text = text.replace('tests = ["test_', 'tests = ["test_that_')
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    assert verify_seal(path) == SEAL

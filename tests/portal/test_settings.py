"""Settings are one table; each can be set by PORTAL_…; a wrong value names itself."""

from pathlib import Path

import pytest

from datasets.errors import SettingError
from portal.settings import SETTINGS, check_identity, load_settings
from tests.builders import AN_IDENTITY


def test_every_setting_has_a_default_that_is_right(tmp_path: Path) -> None:
    """An installation runs without any variable."""
    settings = load_settings({}, {"instance": tmp_path})
    assert all(getattr(settings, setting.name) is not None for setting in SETTINGS)
    assert settings.catalogue_url == f"sqlite:///{tmp_path}/catalogue.sqlite"


def test_a_variable_sets_a_setting_and_an_override_wins() -> None:
    """The environment comes after the defaults, the command line after the environment."""
    environ = {"PORTAL_PORT": "9000", "PORTAL_UPLOAD_LIMIT": "3MiB"}
    assert load_settings(environ).port == 9000
    assert load_settings(environ).upload_limit == 3 * 2**20
    assert load_settings(environ, {"port": 9001}).port == 9001


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_PORT", "eighty"),
        ("PORTAL_PORT", "0"),
        ("PORTAL_LANGUAGE", "de"),
        ("PORTAL_DEMONSTRATION", "maybe"),
        ("PORTAL_QUERY_SECONDS", "-1"),
        ("PORTAL_QUERY_SECONDS", "nan"),
        ("PORTAL_UPLOAD_LIMIT", "2 moons"),
        ("PORTAL_API_LIMIT", "often"),
        ("PORTAL_BASE_URL", "data.example.org"),
    ],
)
def test_a_wrong_value_names_its_variable_and_what_was_found(variable: str, value: str) -> None:
    """The operator reads which setting is wrong, what was found and what was expected, in both languages."""
    with pytest.raises(SettingError) as caught:
        load_settings({variable: value})
    for lang in ("fr", "en"):
        assert variable in caught.value.message(lang)
        assert value in caught.value.message(lang)


def test_a_misspelt_variable_is_refused_with_the_near_name() -> None:
    """A typing mistake is not silent."""
    with pytest.raises(SettingError, match="perhaps PORTAL_PORT"):
        load_settings({"PORTAL_PROT": "8000"})


def test_settings_do_not_change_after_the_start() -> None:
    """What was read at the start holds until the end."""
    with pytest.raises(AttributeError):
        load_settings({}).port = 1


@pytest.mark.parametrize("left", ["controller", "officer_name", "officer_email", "rights_address", "mail_from"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_portal_in_production_says_who_answers_for_it(tmp_path: Path, left: str, value: str | None) -> None:
    """A placeholder left as it was, or emptied, refuses the start and names itself; a demonstration starts."""
    identity = {**AN_IDENTITY, "mail_from": "portail@example.org", "mail_url": "smtp://mail.example.org"}
    whole = {"instance": tmp_path, "demonstration": "false", **identity}
    check_identity(load_settings({}, whole))
    with pytest.raises(SettingError, match=f"PORTAL_{left.upper()}"):
        check_identity(load_settings({}, {**whole, left: value}))
    check_identity(load_settings({}, {"instance": tmp_path}))


def test_a_portal_in_production_sends_its_letters(tmp_path: Path) -> None:
    """Letters that stay in a folder are for demonstrations only."""
    identity = {**AN_IDENTITY, "mail_from": "portail@example.org"}
    with pytest.raises(SettingError, match="PORTAL_MAIL_URL"):
        check_identity(load_settings({}, {"instance": tmp_path, "demonstration": "false", **identity}))


@pytest.mark.parametrize("name", ["catalogue_url", "accounts_url", "queue_url", "store_url", "mail_url"])
def test_a_portal_in_production_declares_where_its_data_are(tmp_path: Path, name: str) -> None:
    """A store on a machine that is not declared refuses the start, its password unsaid; declared, it starts."""
    identity = {**AN_IDENTITY, "mail_from": "portail@example.org", "mail_url": "smtp://mail.example.org"}
    address = "redis://someone:canari@elsewhere.example/1"
    away = {"instance": tmp_path, "demonstration": "false", **identity, name: address}
    with pytest.raises(SettingError, match=f"PORTAL_{name.upper()}") as caught:
        check_identity(load_settings({}, away))
    assert "canari" not in str(caught.value)
    check_identity(load_settings({}, {**away, "hosting_hosts": "mail.example.org, Elsewhere.example"}))

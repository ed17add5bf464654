"""Every page of the site, by endpoint: where a browser sees it, and as whom. What is not a page is named apart."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.organisations.service import join, make_organisation
from portal.accounts.service import create_account
from portal.extensions import Portal
from portal.privacy.erasure import find_stores
from portal.privacy.rights import service as rights
from portal.privacy.rights.answering import follow_address
from portal.privacy.rights.service import Contact
from portal.vault.tickets import seal_ticket
from tests.browser.conftest import NOW
from tests.builders import PASSWORD
from tests.portal.producers.desk import choose, describe, send, walk
from tests.portal.producers.test_review import bring

NOBODY, PRODUCER, OFFICER = "nobody", "producer", "officer"
DATASET = "/explore/dataset/economies-ges"
TICKETS = ("sign up", "right", "withdrawal")
A_DAY = timedelta(days=1)

PLACES: Mapping[str, tuple[str, str]] = {
    "pages.home": (NOBODY, "/"),
    "pages.catalogue": (NOBODY, "/explore/?refine.theme=Culture"),
    "pages.information": (NOBODY, f"{DATASET}/information/"),
    "pages.table": (NOBODY, f"{DATASET}/table/?refine.periode=2025"),
    "pages.record": (NOBODY, "{record}"),
    "charts.show_chart": (NOBODY, f"{DATASET}/chart/"),
    "pages.map_": (NOBODY, f"{DATASET}/map/"),
    "pages.export": (NOBODY, f"{DATASET}/export/?refine.periode=2025"),
    "pages.api": (NOBODY, f"{DATASET}/api/"),
    "pages.disclosure": (NOBODY, f"{DATASET}/disclosure/"),
    "pages.versions": (NOBODY, f"{DATASET}/versions/"),
    "pages.version": (NOBODY, f"{DATASET}/version/{{version}}/"),
    "embed.show_frame": (NOBODY, "/embed/economies-ges/chart/"),
    "ges.page": (NOBODY, "/pages/ges/"),
    "site.show_style": (NOBODY, "/styleguide/"),
    "site.show_declaration": (NOBODY, "/pages/accessibility/"),
    "console.show_console": (NOBODY, "/api/explore/v2.1/console"),
    "api_versions.versions": (NOBODY, "/explore/api-versions/"),
    "audience.show": (NOBODY, "/pages/audience/"),
    "privacy.show_policy": (NOBODY, "/pages/privacy/"),
    "privacy.show_register": (NOBODY, "/pages/register/"),
    "privacy.show_cookies": (NOBODY, "/pages/cookies/"),
    "privacy.show_retention": (NOBODY, "/pages/retention/"),
    "rights.check_receipt": (NOBODY, "/pages/receipt/"),
    "rights.ask": (NOBODY, "/rights/"),
    "rights.confirm": (NOBODY, "/rights/confirm/{right}/"),
    "rights.follow": (NOBODY, "{follow}"),
    "consents.withdraw": (NOBODY, "/consents/{withdrawal}/"),
    "entrance.sign_in": (NOBODY, "/login/"),
    "entrance.forget_password": (NOBODY, "/login/forgotten/"),
    "entrance.choose_password": (NOBODY, "/login/password/stale/"),
    "entrance.sign_up": (NOBODY, "/signup/"),
    "entrance.confirm": (NOBODY, "/signup/{sign up}/"),
    "accounts.show_account": (OFFICER, "/account/"),
    "consents.show": (OFFICER, "/account/consents/"),
    "journal.show": (OFFICER, "/account/journal/"),
    "keys.show": (OFFICER, "/account/keys/"),
    "passkeys.show": (OFFICER, "/account/passkeys/"),
    "rights.show": (OFFICER, "/account/rights/"),
    "security.show": (OFFICER, "/account/security/"),
    "security.add_second_factor": (OFFICER, "/account/second-factor/"),
    "partners.show": (OFFICER, "/partners/"),
    "rights_desk.show": (OFFICER, "/desk/"),
    "rights_desk.look": (OFFICER, "/desk/{reference}/"),
    "rights_desk.record": (OFFICER, "/desk/new/"),
    "rights_desk.hold": (OFFICER, "/desk/holds/"),
    "rights_desk.read_archive": (OFFICER, "/desk/archive/"),
    "privacy.show_duties": (OFFICER, "/desk/retention/"),
    "people.show": (OFFICER, "/desk/accounts/"),
    "people.grant": (OFFICER, "/desk/accounts/{account}/"),
    "producers.reviews": (OFFICER, "/producer/reviews/"),
    "producers.look": (OFFICER, "/producer/reviews/{waiting}/"),
    "producers.desk": (PRODUCER, "/producer/"),
    "producers.new": (PRODUCER, "/producer/new/"),
    "producers.draft": (PRODUCER, "/producer/{waiting}/"),
    "producers.reading": (PRODUCER, "{draft}reading/"),
    "producers.columns": (PRODUCER, "{draft}columns/"),
    "producers.description": (PRODUCER, "{draft}description/"),
    "producers.publish": (PRODUCER, "{draft}publish/"),
    "producers.transform": (PRODUCER, "{draft}transformations/"),
    "producers.dataset": (PRODUCER, "/producer/datasets/mes-festivals/"),
    "sources.sources": (PRODUCER, "/producer/datasets/mes-festivals/sources/"),
    "sources.schema": (PRODUCER, "/producer/datasets/mes-festivals/schema/"),
    "records.records": (PRODUCER, "/producer/records/"),
}
"""The page of each endpoint: who sees it, and its address, some parts of which are made on the stage."""

MORE: tuple[tuple[str, str], ...] = (
    (NOBODY, "/explore/?q=rien-de-tel"),
    (NOBODY, "/explore/dataset/inconnu/table/"),
    (NOBODY, "/explore/dataset/lieux-de-demonstration/map/"),
    (NOBODY, "/explore/dataset/communes-du-gers/information/"),
    (NOBODY, "/embed/economies-ges/map/"),
    (NOBODY, "/embed/economies-ges/table/"),
    (NOBODY, "/rights/confirm/stale/"),
)
"""Other states of these pages: nothing found, an error, points rather than areas, a former link."""

FILES = frozenset(
    {
        "assets", "charts.draw_site", "charts.draw_card", "charts.draw_chart", "charts.draw_preview", "console.alias",
        "explore_v1.old_download", "ges.example", "ges.places", "maps.background", "maps.draw_map", "maps.tile",
        "old_pages.lead_to_tab", "pages.feed",
        "pages.dataset", "photos.show", "producers.annotated", "producers.progress", "producers.report",
        "records.report", "rights.give_ledger", "rights_desk.show_identity", "site.give_icon", "site.give_part",
        "site.give_robots", "site.give_security", "site.give_sitemap",
    }
)  # fmt: skip
"""Endpoints that answer files, pieces for scripts, or lead elsewhere."""


def list_endpoints(app: Flask) -> Iterator[str]:
    """Yield the endpoints that a browser may ask, those of programs apart."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/"):
            yield rule.endpoint


@dataclass(frozen=True)
class Stage:
    """A portal with something on every page: the parts of addresses made on it, and the cookie of each person."""

    parts: Mapping[str, str]
    cookies: Mapping[str, str]

    def list_pages(self) -> list[tuple[str, str]]:
        """Return (who sees it, address) for every page."""
        return [(who, path.format_map(self.parts)) for who, path in (*PLACES.values(), *MORE)]


def set_stage(app: Flask) -> Stage:
    """Put something on every page of the sample portal: people, drafts, a dataset of a producer, a request."""
    portal: Portal = app.extensions["portal"]
    browsers = {role: _enter(app, role) for role in (PRODUCER, OFFICER)}
    producer = browsers[PRODUCER]
    walk(producer, b"nom;tarif\nA;1\nB;2\n")
    draft = send(producer, b"nom;annee\nA;2001\nB;vers 1998\n", "lieux.csv")
    choose(producer, draft)
    describe(producer, draft, "lieux")
    waiting = bring(producer)
    producer.post(f"{waiting}publish/", data={"answer-full_name-responsable": "officials"})
    cookies = {role: _cookie(browser) for role, browser in browsers.items()}
    return Stage({"draft": draft, "waiting": waiting.split("/")[-2], **_make_parts(app, portal)}, cookies)


def _enter(app: Flask, role: str) -> FlaskClient:
    portal: Portal = app.extensions["portal"]
    email = f"{role}@stage.example.org"
    with portal.databases.session("accounts") as session:
        account = create_account(session, portal.vault, email, PASSWORD, role, at=NOW)
        join(session, account.id, make_organisation(session, f"Scène inventée ({role})", role, NOW), NOW)
    browser = app.test_client()
    assert browser.post("/login/", data={"email": email, "password": PASSWORD}).status_code == 303
    return browser


def _cookie(browser: FlaskClient) -> str:
    cookie = browser.get_cookie("token")
    assert cookie is not None
    return cookie.value


def _make_parts(app: Flask, portal: Portal) -> dict[str, str]:
    anybody = app.test_client()
    versions = anybody.get("/api/explore/v2.1/catalog/datasets/economies-ges/versions").get_json()
    table = anybody.get(f"{DATASET}/table/").text
    record = re.search(r'href="(/explore/dataset/economies-ges/record/[^"]+)"', table)
    with portal.databases.session("accounts") as session:
        account = create_account(session, portal.vault, "personne@stage.example.org", PASSWORD, at=NOW)
        contact = Contact("Léa Inventée", "lea@example.org")
        made = rights.open_request(
            session, portal.vault, "access", "form", contact, "canari", received=NOW.date(), at=NOW, language="fr"
        )
    carried = {
        "sign up": {"email": "nouvelle@example.org", "language": "fr", "password": ""},
        "right": {
            "right": "access",
            "words": "",
            "email": "lea@example.org",
            "name": "",
            "received": f"{NOW:%Y-%m-%d}",
        },
        "withdrawal": {"account": account.id, "purpose": "news"},
    }
    with app.app_context():
        follow = follow_address(find_stores(portal), made.reference)
    return {
        "version": versions["results"][0]["version_id"],
        "record": record[1] if record else "",
        "account": account.id,
        "reference": made.reference,
        "follow": follow.removeprefix(str(portal.settings.base_url)),
        **{purpose: seal_ticket(portal.vault.ring, purpose, known, NOW, A_DAY) for purpose, known in carried.items()},
    }

"""A producer at work in a real browser: with the keyboard only, on a telephone, in French."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from portal.accounts.service import create_account
from tests.browser.conftest import NOW

pytestmark = pytest.mark.browser

PASSWORD = "Neuf-colombes-Traversent-Auch-52!"
TITLES = (
    "Nom du festival", "Région principale de déroulement", "Département principal de déroulement",
    "Commune principale de déroulement", "Code postal (de la commune principale de déroulement)",
    "Code Insee commune", "Site internet du festival", "Adresse e-mail", "Décennie de création du festival",
    "Année de création du festival", "Discipline dominante", "Période principale de déroulement du festival",
    "Identifiant", "Géocodage xy",
)  # fmt: skip
WRONG = {3: "2O14", 7: "vers 1998", 11: "198?"}
"""Years that somebody wrote badly, by record."""


def write_festivals(path: Path, count: int = 200, *, wrong: dict[int, str] = WRONG) -> Path:
    """Write invented festivals as the national list is written: semicolons, two byte-order marks, e-mails, codes."""
    rng, rows = random.Random(32), []
    for number in range(count):
        town, code, lat, lon = rng.choice((("Auch", "32013", 43.65, 0.59), ("Ambérieu", "01004", 45.96, 5.36)))
        year = wrong.get(number, str(rng.randint(1980, 2023)))
        rows.append(
            (
                f"Les Nuits de la place n° {number}", "Occitanie", "Gers", town, f"{code[:2]}{number % 9}00", code,
                "https://festival.example", f"contact{number}@example.invalid", "2010 et après", year,
                rng.choice(("Musique", "Théâtre", "Cinéma")), "Saison (21 juin - 5 septembre)",
                f"FEST_{code}_{number}", f"{lat + rng.uniform(-0.2, 0.2):.5f}, {lon + rng.uniform(-0.2, 0.2):.5f}",
            )
        )  # fmt: skip
    lines = [";".join(row) for row in (TITLES, *rows)]
    path.write_bytes("\ufeff\ufeff".encode() + "\n".join(lines).encode() + b"\n")
    return path


class Keyboard:
    """A person who has a keyboard and nothing else."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page, self.axe = page, axe
        self.seen: set[str] = set()

    def check(self) -> None:
        """Check the page that is open, once for each kind of page: nothing that axe knows, nothing sideways."""
        kind = re.sub(r"[0-9a-f]{32}", "ID", self.page.url)
        if kind not in self.seen:
            self.seen.add(kind)
            self.page.evaluate(self.axe)
            found = self.page.evaluate("axe.run()")["violations"]
            assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
            assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def reach(self, name: str | re.Pattern[str], most: int = 400) -> None:
        """Press Tab until the element of that name has the focus."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if re.search(name, self.page.evaluate(NAME_OF_FOCUS)):
                assert self.page.evaluate("document.activeElement.matches(':focus-visible')")
                return
        pytest.fail(f"the keyboard does not reach {name}")

    def press(self, name: str | re.Pattern[str]) -> None:
        """Reach a link or a button, press it, and wait for the page that follows."""
        self.check()
        self.reach(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, name: str | re.Pattern[str], text: str) -> None:
        """Reach a field and write in it."""
        self.reach(name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)


NAME_OF_FOCUS = """() => {
  const it = document.activeElement;
  const label = it.labels && it.labels.length ? it.labels[0].innerText : "";
  return (it.getAttribute("aria-label") || label || it.innerText || it.value || "").replace(/\\s+/g, " ").trim();
}"""


@pytest.fixture
def desk(browser: Browser, desk_server: str) -> Iterator[Callable[..., Page]]:
    """Open a page signed in as a producer: `desk(path, width=…, scheme=…, lang=…)`."""
    contexts, faults = [], []

    def open_page(path: str, *, width: int = 1280, scheme: Any = "light", lang: str = "fr-FR", js: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=lang, java_script_enabled=js
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("request", lambda r: None if r.url.startswith((desk_server, "data:")) else faults.append(r.url))
        page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("filechooser", lambda chooser: None)  # from the start: a chooser is caught only when awaited
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{desk_server}/login/?next={path}")
        page.locator("[name=email]").fill("producteur@example.org")
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{desk_server}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def desk_server(live_portal: tuple[str, Flask]) -> str:
    """The address of the sample portal, where a producer and an officer have accounts."""
    address, app = live_portal
    parts = app.extensions["portal"]
    with parts.databases.session("accounts") as session:
        for name, role in (("producteur", "producer"), ("deleguee", "officer")):
            create_account(session, parts.vault, f"{name}@example.org", PASSWORD, role, at=NOW)
    return address


def test_a_file_is_published_renewed_and_rolled_back_with_the_keyboard(
    desk: Callable[..., Page], desk_server: str, tmp_path: Path, axe: str
) -> None:
    """At 320 px, in French, without a mouse: publish without e-mails, correct three values, renew, go back.

    No step breaks a rule that axe knows, and none scrolls sideways.
    """
    page = desk("/producer/", width=320)
    keys = Keyboard(page, axe)
    keys.press("^Nouveau jeu de données$")
    choose_file(keys, write_festivals(tmp_path / "festivals.csv"))
    expect(page.get_by_role("heading", name="Ce qui a été compris")).to_be_visible()
    expect(page.get_by_text("200 gardées sur 200")).to_be_visible()
    keys.press("C’est juste : continuer")
    correct_years(keys)
    keys.write("^Titre$", "Festivals des nuits")
    keys.write(r"^Description$", "Les festivals de nuit, commune par commune.")
    keys.press("^Enregistrer et continuer$")
    expect(page.get_by_role("heading", name="Comme le public le verra")).to_be_visible()
    assert "@example.invalid" not in page.content()
    keys.press("^Publier ce jeu de données$")
    expect(page.get_by_text("Ce jeu de données est publié.")).to_be_visible()
    dataset_id = page.url.rstrip("/").rpartition("/")[2]
    records = f"{desk_server}/api/explore/v2.1/catalog/datasets/{dataset_id}/records"
    first = page.request.get(records).json()
    assert first["total_count"] == 200
    assert not any("e_mail" in name for name in first["results"][0])
    years = page.request.get(f"{records}?where=annee_de_creation_du_festival in (2014, 1998, 1980)&limit=100").json()
    assert {"Les Nuits de la place n° 3", "Les Nuits de la place n° 7", "Les Nuits de la place n° 11"} <= {
        record["nom_du_festival"] for record in years["results"]
    }

    keys.press("^Envoyer une nouvelle version$")
    choose_file(keys, write_festivals(tmp_path / "festivals-2.csv", 210, wrong={}))
    for button in (
        "C’est juste",
        "^Enregistrer et continuer$",
        "^Enregistrer et continuer$",
        "^Publier ce jeu de données$",
    ):
        keys.press(button)
    expect(page.get_by_text("210 enregistrements")).to_be_visible()
    assert page.request.get(records).json()["total_count"] == 210
    keys.press("^Revenir à cette version")
    expect(page.get_by_text("Cette version est de nouveau en ligne.")).to_be_visible()
    assert page.request.get(records).json()["total_count"] == 200
    assert len(keys.seen) == 8


def choose_file(keys: Keyboard, path: Path) -> None:
    """Choose a file with the keyboard and send it; the page of the second step follows."""
    keys.check()
    keys.reach("^Vos fichiers")
    with keys.page.expect_file_chooser() as waiting:
        keys.page.keyboard.press("Enter")
    waiting.value.set_files(path)
    keys.reach("^Envoyer$")
    with keys.page.expect_navigation(url=re.compile(r"/reading/")):
        keys.page.keyboard.press("Enter")


def correct_years(keys: Keyboard) -> None:
    """Make the column of years one of whole numbers, correct what does not fit, and go on."""
    group = keys.page.get_by_role("group", name="Année de création")
    group.get_by_label("Type").focus()
    keys.page.keyboard.type("Année")
    keys.press("^Enregistrer et rester ici$")
    for row, year in ((5, "2014"), (9, "1998"), (13, "1980")):
        keys.write(f"^Ligne {row}, au lieu de", year)
    keys.press("^Enregistrer et continuer$")
    expect(keys.page.get_by_text("Le fichier a été relu avec vos décisions")).to_be_visible()
    keys.press("^Enregistrer et continuer$")

"""The ten tasks that people come for, each from where they start to what they came for. docs/walks.md tells them."""

import json
import re
from collections.abc import Callable, Mapping

from playwright.sync_api import expect

from portal.accounts.service import create_account
from tests.browser.conftest import NOW
from tests.browser.walks.walker import Walker
from tests.builders import PASSWORD
from tests.portal.accounts.conftest import find_link

SAVINGS = "/explore/dataset/economies-ges"
SHARED = "saved by tours that venues arranged together, %(name)s, %(year)s"


def find_my_departement(walker: Walker) -> None:
    """From the home page, read what was saved in one's département."""
    walker.go("/")
    walker.link("Greenhouse gas").click()
    walker.sees_title(walker.say("What shared tours save"))
    walker.field("Territory").select_option(label="Nord")
    walker.button("Show").click()
    expect(walker.page.get_by_text(walker.say(SHARED, name="Nord", year="2025"))).to_be_visible()


def download_a_part(walker: Walker) -> None:
    """With the keyboard only, keep one year of a table and download it as CSV."""
    keys = walker.keys
    walker.go(f"{SAVINGS}/table/")
    period = walker.pick("Période", "Period")
    keys.reach(walker.name("Filter the column %(label)s", label=period))
    walker.page.keyboard.press("Enter")
    keys.reach(f"^{walker.say('Show only')} – {period}")
    walker.page.keyboard.type("2025 (")
    keys.press(walker.name("Filter"))
    keys.press(walker.name("Download"))
    keys.reach(f"^{walker.say('Download')} .*CSV$")
    with walker.page.expect_download() as waiting:
        walker.page.keyboard.press("Enter")
    lines = waiting.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("periode;")
    assert len(lines) > 100
    assert all(line.startswith("2025;") for line in lines[1:])
    assert any(";departement;01;Ain;" in line for line in lines)


def see_the_map(walker: Walker) -> None:
    """From the catalogue, see a measure by région on a map, and read the same in its table."""
    walker.go("/explore/")
    walker.page.get_by_role("link", name=re.compile("Économies de gaz")).first.click()
    walker.open_tab("Map")
    walker.field("Measure").select_option("nb_tournees")
    walker.field(walker.pick("Niveau", "Level")).select_option("region")
    walker.button("Show").click()
    assert "measure=nb_tournees" in walker.page.url
    expect(walker.page.get_by_role("rowheader", name="Nouvelle-Aquitaine")).to_be_visible()


def share_a_chart(walker: Walker) -> None:
    """Choose what a chart draws, and take its address, its picture and the code for another page."""
    walker.go(f"{SAVINGS}/information/")
    walker.open_tab("Chart")
    walker.button("Draw").click()
    drawn = walker.page.url
    words = walker.page.locator("#chart-words").inner_text()
    walker.page.get_by_text(walker.say("Put it in your own page")).click()
    expect(walker.page.get_by_text("<iframe").first).to_be_visible()
    picture = walker.link("Drawing (SVG)").get_attribute("href")
    assert walker.page.request.get(f"{walker.address}{picture}").text().startswith("<svg")
    walker.page.goto(drawn)
    expect(walker.page.locator("#chart-words")).to_have_text(words)


def query_the_api(walker: Walker) -> None:
    """Filter by hand, write a query, read its answer, correct a mistake, and take the call for a program."""
    walker.go(f"{SAVINGS}/table/?refine.niveau_geo=region")
    walker.open_tab("API")
    where = walker.page.get_by_label("where")
    where.fill("periode = '2025' and nb_tournee > 10")
    walker.button("Send").click()
    expect(where).to_be_focused()
    expect(where).to_have_attribute("aria-invalid", "true")
    where.fill("periode = '2025' and nb_tournees > 10")
    walker.button("Send").click()
    shown = walker.page.get_by_role("region", name=walker.say("Body of the answer"))
    expect(shown).to_contain_text('"total_count"')
    records = json.loads(shown.inner_text())["results"]
    assert {record["niveau_geo"] for record in records} == {"region"}
    expect(walker.page.get_by_role("group", name="curl")).to_contain_text("nb_tournees+%3E+10")


def create_an_account(walker: Walker) -> None:
    """Ask for an account, confirm it from the letter, sign in, see the second factor; one cookie, only then."""
    email = f"{walker.folder.name}@example.org"
    walker.go("/login/")
    walker.page.get_by_role("main").get_by_role("link", name=walker.say("Create an account")).click()
    walker.field("E-mail address").fill(email)
    walker.field("Password").fill(PASSWORD)
    walker.field("Language").select_option(walker.lang)
    walker.field("I am 15 or older").check()
    walker.button("Send me the letter that confirms").click()
    walker.sees_title(walker.say("A letter is on its way"))
    walker.go(find_link(walker.wait_for_letter(email)))
    walker.button("Make my account").click()
    assert walker.page.context.cookies() == []
    walker.field("E-mail address").fill(email)
    walker.field("Password").fill(PASSWORD)
    walker.button("Sign in").click()
    walker.sees_title(walker.say("My account"))
    assert [cookie["name"] for cookie in walker.page.context.cookies()] == ["token"]
    walker.go("/account/second-factor/")
    drawing = walker.say("Drawing for an authenticator; the same as the text below")
    expect(walker.page.get_by_role("img", name=drawing)).to_be_visible()


def publish_a_file(walker: Walker) -> None:
    """As a producer, send a CSV, agree with what was understood, describe it and publish it."""
    parts = walker.app.extensions["portal"]
    name = walker.folder.name
    with parts.databases.session("accounts") as session:
        create_account(session, parts.vault, f"{name}@example.org", PASSWORD, "producer", at=NOW, language=walker.lang)
    file = walker.folder / f"marches-{name}.csv"
    file.write_text("commune;code_commune;jour;exposants\n" + "Auch;32013;samedi;40\nCondom;32107;mercredi;25\n" * 30)
    walker.go("/login/?next=/producer/")
    walker.field("E-mail address").fill(f"{name}@example.org")
    walker.field("Password").fill(PASSWORD)
    walker.button("Sign in").click()
    walker.link("New dataset").click()
    walker.page.locator("input[type=file]").set_input_files(file)
    walker.button("Send").click()
    walker.page.wait_for_url(re.compile("/reading/"))
    walker.button("It is right: go on").click()
    walker.button("Save and go on").click()
    walker.page.get_by_label(walker.say("Title"), exact=True).fill(f"Marchés {name}")
    walker.page.get_by_label(walker.say("Description"), exact=True).fill("Les marchés, commune par commune.")
    walker.button("Save and go on").click()
    walker.button("Publish this dataset").click()
    expect(walker.page.get_by_text(walker.say("This dataset is published."))).to_be_visible()
    walker.go(f"/explore/?q={name}")
    expect(walker.page.get_by_role("link", name=f"Marchés {name}")).to_be_visible()


def exercise_a_right(walker: Walker) -> None:
    """Without an account, ask for one's data from the page on privacy, and confirm from the letter."""
    email = f"{walker.folder.name}@example.org"
    walker.go("/pages/privacy/")
    walker.link("by a form").click()
    walker.field("What you ask for").select_option("access")
    walker.field("Your request").fill("Je voudrais une copie de mes données.")
    walker.field("E-mail address").fill(email)
    walker.button("Send the request").click()
    walker.sees_title(walker.say("A letter is on its way"))
    letter = walker.wait_for_letter(email)
    link = re.search(r"https?://[^/]+(/rights/confirm/\S+)", letter.get_content())
    assert link
    walker.go(link[1])
    walker.button("This mailbox is mine: send the request").click()
    walker.sees_title(re.compile(walker.say("Request %(reference)s", reference=".+")))


def read_what_is_hidden(walker: Walker) -> None:
    """With the keyboard only, meet a hidden figure and learn why it is hidden."""
    keys = walker.keys
    walker.go("/pages/ges/")
    keys.reach(walker.name("Territory"))
    walker.page.keyboard.type("Lozère")
    keys.press(walker.name("Show"))
    hidden = walker.say("The figure of %(name)s is hidden for protection.", name="Lozère")
    expect(walker.page.get_by_text(hidden)).to_be_visible()
    keys.press(walker.name("What is hidden, and why"))
    expect(walker.page.get_by_role("heading", name=walker.say("What is hidden, and why"))).to_be_visible()


def change_the_example(walker: Walker) -> None:
    """With the keyboard only, change the example: its result follows, and is said; a mistake is told."""
    keys, page = walker.keys, walker.page
    walker.go("/pages/ges/")
    said = page.locator("#example-said")
    keys.reach(walker.name("An example to change"))
    page.keyboard.press("Enter")
    keys.write(walker.name("Home of the company"), "Lyon (69)")
    expect(said).to_contain_text(walker.say("Saving: %(amount)s.", amount="").split(".")[0].strip())
    first = said.inner_text()
    keys.write(f"^{walker.say('Venue %(rank)s', rank='4')} ", "Nullepart")
    expect(said).to_contain_text("Nullepart")
    page.keyboard.press("Control+A")
    page.keyboard.type("Mirande")
    expect(said).not_to_contain_text("Nullepart")
    assert said.inner_text() != first
    expect(page.get_by_role("rowheader", name="Mirande (32)", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("rowheader", name="Mirande (32)", exact=True)).to_be_visible()


TASKS: Mapping[str, Callable[[Walker], None]] = {
    task.__name__: task
    for task in (
        find_my_departement,
        download_a_part,
        see_the_map,
        share_a_chart,
        query_the_api,
        create_an_account,
        publish_a_file,
        exercise_a_right,
        read_what_is_hidden,
        change_the_example,
    )
}
"""The tasks, by name."""

SIGNED_IN = ("create_an_account", "publish_a_file")
"""The tasks at whose end somebody is signed in, with the one cookie of the portal."""

"""What a producer does at the desk, step by step, as plain calls."""

import io
import re
from typing import Any

from flask.testing import FlaskClient

DESCRIBED = {"title": "Mes festivals", "description": "Un.\n\nDeux <b>.", "licence": "licence-ouverte-2.0"}
DESCRIBED |= {"publisher": "Le Département", "language": "fr"}


def send(browser: FlaskClient, content: bytes, name: str = "mes_festivals.csv", dataset: str = "") -> str:
    """Send a file by the plain form and return the address of its draft."""
    data = {"file": (io.BytesIO(content), name)}
    address = f"/producer/new/?dataset={dataset}" if dataset else "/producer/new/"
    answer = browser.post(address, data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.location


def columns_of(browser: FlaskClient, draft: str) -> dict[str, str]:
    """Return what the third step sends when nothing is changed on it."""
    page = browser.get(f"{draft}columns/").text
    sent = dict.fromkeys(re.findall(r'type="checkbox" id="[^"]*" name="(published-[^"]*)"[^>]* checked', page), "on")
    for name, options in re.findall(r'name="(type-[^"]*)">(.*?)</select>', page, re.DOTALL):
        sent[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return sent


def choose(browser: FlaskClient, draft: str, *, without: tuple[str, ...] = (), **changed: str) -> Any:
    """Send the third step with changes, leaving some columns out; return the answer."""
    browser.post(f"{draft}reading/", data={"action": "next"})
    sent = (
        columns_of(browser, draft)
        | {"action": "next"}
        | {name.replace("__", "-"): text for name, text in changed.items()}
    )
    return browser.post(
        f"{draft}columns/", data={k: v for k, v in sent.items() if k not in {f"published-{n}" for n in without}}
    )


def describe(browser: FlaskClient, draft: str, dataset_id: str = "mes-festivals", **more: str) -> Any:
    """Send the fourth step; return the answer."""
    return browser.post(f"{draft}description/", data={**DESCRIBED, "dataset_id": dataset_id, "action": "next", **more})


def publish(browser: FlaskClient, draft: str, **answers: str) -> Any:
    """Send the last step, with an answer by `kind__column`; return the answer."""
    told = {f"answer-{name.replace('__', '-')}": answer for name, answer in answers.items()}
    return browser.post(f"{draft}publish/", data=told)


def walk(
    browser: FlaskClient, content: bytes, dataset_id: str = "mes-festivals", name: str = "mes_festivals.csv"
) -> str:
    """Take a file through the five steps as it is understood; return the address of its draft."""
    draft = send(browser, content, name)
    choose(browser, draft)
    describe(browser, draft, dataset_id)
    publish(browser, draft)
    return draft

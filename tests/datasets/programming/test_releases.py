"""What a release of protected datasets carries."""

import dataclasses
import json

from datasets.disclosure.certificate import Certificate
from datasets.programming.releases import attach
from datasets.store.versions import VersionStore
from tests.datasets.store.test_versions import NOON, SCHEMA, table


def a_certificate(**known: object) -> Certificate:
    """Return a certificate that says little."""
    return Certificate(**{field.name: known.get(field.name, {}) for field in dataclasses.fields(Certificate)})


def test_the_certificate_is_an_attachment_of_what_it_certifies(store: VersionStore) -> None:
    """Readers find it under its title, in their language, and read what was checked."""
    version = store.write("towns", SCHEMA, table(), created=NOON, **attach(a_certificate(cells_attacked=12)))
    [attachment] = version.attachments
    assert (attachment.name, attachment.media_type) == ("certificate.json", "application/json")
    assert dict(attachment.title) == {"fr": "Certificat de secret statistique", "en": "Disclosure-control certificate"}
    with store.open(version, attachment.name) as file:
        assert json.load(file)["cells_attacked"] == 12
    assert store.read("towns", version.version_id) == version

"""What a protected dataset hides, as its pages tell it: from the attachment made when it was published."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from datasets.model import Distribution, Version
from datasets.store.versions import VersionStore

EXPLANATION = "explanation.json"
CERTIFICATE = "certificate.json"


@dataclass(frozen=True)
class Secrecy:
    """What is hidden in a version (`told`: see `datasets.disclosure.explanation`), and its attachments."""

    told: dict[str, Any]
    dataset_id: str
    certificate: Distribution | None

    @property
    def share(self) -> float:
        """The share of the cells that are hidden."""
        return float(self.told["hidden"]) / self.told["cells"] if self.told["cells"] else 0.0

    def years(self) -> list[str]:
        """Return the years that are told, the last one first."""
        return sorted({each["year"] for each in self.told["years"]}, reverse=True)

    def path(self, name: str) -> str:
        """Return the path of an attachment."""
        return f"/api/explore/v2.1/catalog/datasets/{self.dataset_id}/attachments/{quote(name)}"


def find_secrecy(version: Version | None, store: VersionStore) -> Secrecy | None:
    """Return what a version hides, or None when it does not say: it hides nothing, or is too old."""
    if version is None or version.find_file(EXPLANATION) is None:
        return None
    with store.open(version, EXPLANATION) as file:
        told = json.load(file)
    return Secrecy(told, version.dataset_id, version.find_file(CERTIFICATE))

"""The purposes for which the portal asks a consent: each is given, and withdrawn, on its own."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from datasets.model import Texts


@dataclass(frozen=True)
class Purpose:
    """What somebody may agree to: its name, and the words that they read before they agree."""

    name: Texts
    words: Texts

    def fingerprint(self, language: str) -> str:
        """Return the hash of the words read in a language: what the receipt keeps."""
        return hashlib.sha256(self.words[language].encode()).hexdigest()


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "news": Purpose(
            {"fr": "Nouveautés du portail", "en": "News of the portal"},
            {
                "fr": "Recevoir par courriel, une fois par mois au plus, les nouveaux jeux de données et services.",
                "en": "Receiving by e-mail, once a month at most, the new datasets and services.",
            },
        ),
        "training": Purpose(
            {"fr": "Formations et guides", "en": "Training and guides"},
            {
                "fr": "Recevoir par courriel les guides et les invitations aux formations.",
                "en": "Receiving by e-mail guides and invitations to training.",
            },
        ),
        "survey": Purpose(
            {"fr": "Enquêtes de satisfaction", "en": "Satisfaction surveys"},
            {
                "fr": "Recevoir par courriel, deux fois par an au plus, une enquête sur le portail.",
                "en": "Receiving by e-mail, twice a year at most, a survey about the portal.",
            },
        ),
    }
)
"""Every purpose; none is needed for the account, and none is agreed to beforehand."""

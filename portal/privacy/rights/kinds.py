"""What may be asked, and answered: the rights, the ways a request comes, the decisions. Tables, read by all pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from datasets.model import Texts

ORDER = "order"
"""A legal order: not the right of a person, and dealt with on the same desk."""


@dataclass(frozen=True)
class Right:
    """A right: its name, what granting it does to an account, and the article of the GDPR."""

    id: str
    name: Texts
    grants: Texts
    article: str
    by_officer: bool = False


RIGHTS: Mapping[str, Right] = MappingProxyType(
    {
        right.id: right
        for right in (
            Right(
                "access",
                {"fr": "Accès à mes données", "en": "Access to my data"},
                {
                    "fr": "Envoyez la copie ; qui a un compte la prend aussi dans « Mon compte ».",
                    "en": "Send the copy; whoever has an account also takes it in “My account”.",
                },
                "15",
            ),
            Right(
                "rectification",
                {"fr": "Rectification", "en": "Rectification"},
                {"fr": "Vos données sont corrigées.", "en": "Your data are corrected."},
                "16",
            ),
            Right(
                "completion",
                {"fr": "Complément", "en": "Completion"},
                {"fr": "Vos données sont complétées.", "en": "Your data are completed."},
                "16",
            ),
            Right(
                "erasure",
                {"fr": "Effacement", "en": "Erasure"},
                {"fr": "Vos données sont effacées.", "en": "Your data are erased."},
                "17",
            ),
            Right(
                "restriction",
                {"fr": "Verrouillage (limitation)", "en": "Locking (restriction)"},
                {"fr": "Votre compte est gardé sans être utilisé.", "en": "Your account is kept without being used."},
                "18",
            ),
            Right(
                "portability",
                {"fr": "Portabilité", "en": "Portability"},
                {
                    "fr": "Envoyez la copie ; qui a un compte la prend aussi dans « Mon compte ».",
                    "en": "Send the copy; whoever has an account also takes it in “My account”.",
                },
                "20",
            ),
            Right(
                "objection",
                {"fr": "Opposition", "en": "Objection"},
                {"fr": "Votre opposition est inscrite.", "en": "Your objection is written down."},
                "21",
            ),
            Right(
                "withdrawal",
                {"fr": "Retrait d’un consentement", "en": "Withdrawal of a consent"},
                {"fr": "Votre consentement est retiré.", "en": "Your consent is withdrawn."},
                "7",
            ),
            Right(
                ORDER,
                {"fr": "Décision de justice", "en": "Legal order"},
                {
                    "fr": "Un autre délégué remet ce que la décision ordonne ; la personne est prévenue.",
                    "en": "Another officer hands over what the order names; the person is told.",
                },
                "6",
                by_officer=True,
            ),
        )
    }
)
"""What may be asked, in the order of the forms; a legal order is written down by an officer only."""

CHANNELS: Mapping[str, Texts] = MappingProxyType(
    {
        "account": {"fr": "par le compte", "en": "by the account"},
        "form": {"fr": "par le formulaire", "en": "by the form"},
        "post": {"fr": "par courrier", "en": "by post"},
    }
)
"""How a request comes."""

DECISIONS: Mapping[str, Texts] = MappingProxyType(
    {
        "granted": {"fr": "accordée", "en": "granted"},
        "partial": {"fr": "accordée en partie", "en": "granted in part"},
        "refused": {"fr": "refusée", "en": "refused"},
    }
)
"""How a request is answered."""

FACTS: Mapping[str, Texts] = MappingProxyType(
    {
        "reference": {"fr": "Référence", "en": "Reference"},
        "right": {"fr": "Droit", "en": "Right"},
        "who": {"fr": "Personne", "en": "Person"},
        "received": {"fr": "Reçue le", "en": "Received on"},
        "answered": {"fr": "Réponse du", "en": "Answered on"},
        "decision": {"fr": "Décision", "en": "Decision"},
        "reasons": {"fr": "Raisons", "en": "Reasons"},
        "receipt": {"fr": "Reçu", "en": "Receipt"},
        "tables": {"fr": "Contenu de la copie", "en": "What the copy holds"},
        "password": {"fr": "Mot de passe du fichier", "en": "Password of the file"},
    }
)
"""What a record of the archive tells, in words; the closed file of a copy is downloaded, not shown."""

"""The rules of the journal: noting an act, reading one's own, checking the chain, purging what is a year old."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from datasets.errors import StoreError
from datasets.model import Texts
from portal.accounts.journal.tables import ActRow, ChainRow
from portal.vault import DataKey, Vault

FIRST = "0" * 64

ACTS: Mapping[str, Texts] = MappingProxyType(
    {
        "account_made": {"fr": "Compte créé", "en": "Account made"},
        "signed_in": {"fr": "Connexion", "en": "Signed in"},
        "refused": {"fr": "Mot de passe refusé", "en": "Password refused"},
        "code_refused": {"fr": "Code refusé", "en": "Code refused"},
        "signed_out": {"fr": "Déconnexion", "en": "Signed out"},
        "signed_out_everywhere": {"fr": "Déconnexion de tous les navigateurs", "en": "Signed out of every browser"},
        "password_changed": {"fr": "Mot de passe changé", "en": "Password changed"},
        "factor_added": {"fr": "Second facteur ajouté", "en": "Second factor added"},
        "factor_dropped": {"fr": "Second facteur retiré", "en": "Second factor dropped"},
        "passkey_added": {"fr": "Clé d’accès ajoutée", "en": "Passkey added"},
        "passkey_removed": {"fr": "Clé d’accès retirée", "en": "Passkey removed"},
        "passkey_refused": {"fr": "Clé d’accès refusée", "en": "Passkey refused"},
        "recovery_made": {"fr": "Codes de secours créés", "en": "Recovery codes made"},
        "recovery_used": {"fr": "Code de secours utilisé", "en": "Recovery code used"},
        "consent_given": {"fr": "Consentement donné", "en": "Consent given"},
        "consent_withdrawn": {"fr": "Consentement retiré", "en": "Consent withdrawn"},
        "transparency_changed": {"fr": "Degré de transparence changé", "en": "Degree of transparency changed"},
        "accounts_read": {"fr": "Liste des comptes lue", "en": "List of accounts read"},
        "organisation_made": {"fr": "Organisation créée", "en": "Organisation made"},
        "role_granted": {"fr": "Rôle accordé à quelqu’un", "en": "Role granted to somebody"},
        "role_changed": {"fr": "Votre rôle a changé", "en": "Your role was changed"},
        "letters_sent": {"fr": "Lettres envoyées", "en": "Letters sent"},
        "profile_changed": {"fr": "Profil modifié", "en": "Profile changed"},
        "key_made": {"fr": "Clé d’API créée", "en": "API key made"},
        "key_revoked": {"fr": "Clé d’API révoquée", "en": "API key revoked"},
        "copy_taken": {"fr": "Copie des données prise", "en": "Copy of the data taken"},
        "forbidden": {"fr": "Accès refusé à une page réservée", "en": "Refused a page kept for others"},
        "file_sent": {"fr": "Fichier déposé", "en": "File sent"},
        "draft_changed": {"fr": "Brouillon modifié", "en": "Draft changed"},
        "draft_deleted": {"fr": "Brouillon supprimé", "en": "Draft deleted"},
        "restored": {"fr": "Version précédente remise", "en": "Earlier version brought back"},
        "pushed": {"fr": "Lignes reçues d’un programme", "en": "Rows received from a program"},
        "records_sent": {"fr": "Tables de programmation déposées", "en": "Programming tables sent"},
        "records_checked": {"fr": "Tables de programmation vérifiées", "en": "Programming tables checked"},
        "records_erased": {"fr": "Tables de programmation effacées", "en": "Programming tables erased"},
        "source_changed": {"fr": "Source modifiée", "en": "Source changed"},
        "published": {"fr": "Jeu de données publié", "en": "Dataset published"},
        "withdrawn": {"fr": "Jeu de données retiré", "en": "Dataset withdrawn"},
        "decided": {"fr": "Décision rendue", "en": "Decision made"},
        "request_made": {"fr": "Demande sur ses droits", "en": "Request about one’s rights"},
        "request_recorded": {"fr": "Demande inscrite", "en": "Request written down"},
        "request_handled": {"fr": "Demande suivie", "en": "Request dealt with"},
        "copy_sealed": {"fr": "Copie scellée pour une décision de justice", "en": "Copy sealed for a legal order"},
        "copy_given": {"fr": "Copie remise", "en": "Copy handed over"},
        "locked": {"fr": "Compte verrouillé", "en": "Account locked"},
        "unlocked": {"fr": "Compte déverrouillé", "en": "Account unlocked"},
        "held": {"fr": "Effacement interdit", "en": "Erasure forbidden"},
        "released": {"fr": "Effacement permis", "en": "Erasure allowed"},
        "archive_opened": {"fr": "Archive ouverte", "en": "Archive opened"},
    }
)
"""Every act that is noted, in words."""


@dataclass(frozen=True)
class Act:
    """One act as its person reads it."""

    instant: datetime
    act: str
    subject: str


def person_of(key: DataKey) -> str:
    """Return the name under which a person's acts are kept: nothing without their key, which erasure destroys."""
    return hmac.new(key.key, b"journal|" + key.person.encode(), hashlib.sha256).hexdigest()


def note(session: Session, vault: Vault, account_id: str | None, act: str, at: datetime, subject: str = "") -> None:
    """Note an act of a person (None: of somebody unknown), at the end of the chain; never any personal value."""
    if act not in ACTS:
        raise ValueError(f"{act!r} is no act of the journal")
    key = vault.find_key(account_id or "")
    chain = _hold_chain(session)
    chain.number += 1
    row = ActRow(
        number=chain.number,
        instant=at,
        person=person_of(key) if key else "",
        act=act,
        subject=subject[:200],
    )
    row.hash = chain.last = _chain(chain.last, row)
    session.add(row)
    session.flush()


def list_acts(session: Session, key: DataKey, limit: int = 100) -> list[Act]:
    """Return the last acts of a person, newest first."""
    mine = select(ActRow).where(ActRow.person == person_of(key)).order_by(ActRow.number.desc()).limit(limit)
    return [Act(row.instant, row.act, row.subject) for row in session.scalars(mine)]


def verify(session: Session) -> int:
    """Check the chain from its oldest row and return how many rows it has. Raises StoreError at the first that lies."""
    chain = _hold_chain(session)
    last, count = chain.base, 0
    for row in session.scalars(select(ActRow).order_by(ActRow.number).execution_options(yield_per=10_000)):
        if row.hash != _chain(last, row):
            raise StoreError(what="journal", reason=f"act {row.number} is not the one that was noted")
        last, count = row.hash, count + 1
    if last != chain.last:
        raise StoreError(what="journal", reason="the last acts are missing")
    return count


def purge(session: Session, before: datetime) -> int:
    """Delete the acts older than `before`; what stays can still be checked. Return how many went."""
    chain = _hold_chain(session)
    last = session.scalar(select(func.max(ActRow.number)).where(ActRow.instant < before))
    if last is None:
        return 0
    chain.base = session.scalars(select(ActRow.hash).where(ActRow.number == last)).one()
    return len(session.execute(delete(ActRow).where(ActRow.number <= last).returning(ActRow.number)).all())


def find_newest(session: Session) -> datetime | None:
    """Return when the last act was noted, None when there is none."""
    return session.scalar(select(ActRow.instant).order_by(ActRow.number.desc()).limit(1))


def _hold_chain(session: Session) -> ChainRow:
    """Return where the chain stands, held until this transaction ends: two acts at once wait for each other."""
    session.execute(update(ChainRow).values(number=ChainRow.number))
    chain = session.scalars(select(ChainRow)).one_or_none()
    if chain is None:
        chain = ChainRow(id=1, number=0, last=FIRST, base=FIRST)
        session.add(chain)
        session.flush()
    return chain


def _chain(previous: str, row: ActRow) -> str:
    instant = row.instant.astimezone(UTC).isoformat(timespec="microseconds")
    fact = [previous, row.number, instant, row.person, row.act, row.subject]
    return hashlib.sha256(json.dumps(fact, separators=(",", ":")).encode()).hexdigest()

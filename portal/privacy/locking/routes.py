"""What a locked account may not do: it is read by its person, and used for nothing else."""

from flask import request
from flask_login import current_user

from datasets.errors import Conflict, Phrase, StoreUnavailable
from portal.extensions import portal
from portal.privacy.locking.service import is_locked

CLOSED = ("producers", "sources", "records")
"""The rooms that a locked account cannot use: nothing is published in its name."""


def refuse_locked() -> None:
    """Refuse to publish for an account that is kept and not used (clause A18). Raises Conflict."""
    if (request.blueprint or "") not in CLOSED or not current_user.is_authenticated:
        return
    try:
        with portal.databases.session("accounts") as session:
            locked = is_locked(session, current_user.account.id)
    except StoreUnavailable:
        return
    if locked:
        en = "your account is locked. Unlock it in “My rights” first."
        fr = "votre compte est verrouillé. Déverrouillez-le d’abord dans « Mes droits »."
        raise Conflict(name="account", reason=Phrase(en, fr))

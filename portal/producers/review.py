"""What an officer must see before it is public, and what an officer says of it.

A column that names or reaches persons is published on somebody's word. When that word is one that only the law or the
persons themselves can give, a data-protection officer reads it first: another person than the one who brings it. Where
there is no other officer, the only one may release their own draft, with a reason that is kept with the version.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from datasets.disclosure.identifiers import KINDS
from datasets.errors import DisclosureError, InvalidParameter, NotFound, Phrase
from portal.extensions import Portal
from portal.producers.service import change_draft, get_draft, list_in_state
from portal.producers.tables import DraftRow
from portal.producers.understanding import draft_fields

REVIEWED = ("officials", "agreed", "mistaken")
"""The answers that wait for an officer; "organisations" and "removed" do not name a person."""
DECISIONS = ("accepted", "sent_back")
LONGEST = 1_000
STANCES = ("free", "alone", "barred")
"""What an officer may do with a draft: decide; decide on their own with a reason, as nobody else can; nothing."""
UNREVIEWED = Phrase(
    "a data-protection officer has not accepted it yet.",
    "la ou le délégué à la protection des données ne l’a pas encore accepté.",
)
OWN = Phrase(
    "you brought it: another officer must read it.",
    "c’est vous qui l’apportez : une autre personne déléguée à la protection des données doit le lire.",
)


def list_reasons(draft: DraftRow) -> list[dict[str, Any]]:
    """Return what an officer must look at in a draft: the kind, the column and the answer, by column."""
    published = draft_fields(draft.understood, draft.choices).names
    return [
        {"kind": finding["kind"], "column": finding["column"], "answer": answer, "count": finding["count"]}
        for finding in draft.understood.get("findings", ())
        if finding["stops"] and finding["column"] in published
        for answer in [find_answer(draft.choices, finding)]
        if answer.get("reason") in REVIEWED
    ]


def find_answer(choices: Mapping[str, Any], finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was answered of a finding: its reason, who declared it, and when."""
    return choices.get(finding["column"], {}).get("answers", {}).get(finding["kind"], {})


def needs_review(draft: DraftRow) -> bool:
    """Return whether an officer must still accept a draft before it is published."""
    return draft.review.get("decision") != "accepted" and must_be_read(draft)


def must_be_read(draft: DraftRow) -> bool:
    """Return whether what a draft would publish is not for its producer alone to decide."""
    return bool(list_reasons(draft) or draft.understood.get("risk"))


def refuse_unreviewed(draft: DraftRow) -> None:
    """Raise DisclosureError when a draft that an officer must see was not accepted."""
    if needs_review(draft):
        raise DisclosureError(table=draft.dataset_id, reason=UNREVIEWED)


def list_waiting(portal: Portal) -> list[DraftRow]:
    """Return the drafts that wait for an officer, the oldest first."""
    return list_in_state(portal, "review")


def get_waiting(portal: Portal, draft_id: str) -> DraftRow:
    """Return a draft that waits for an officer. Raises NotFound."""
    found = get_draft(portal, draft_id)
    if found.state != "review":
        raise NotFound(kind="draft", name=draft_id)
    return found


def submit(portal: Portal, draft: DraftRow) -> str:
    """Publish a draft, or let it wait for an officer when one must see it; return the state that it takes."""
    state = "review" if must_be_read(draft) else "publishing"
    change_draft(portal, draft.draft_id, state=state, step="", review={}, error={})
    if state == "publishing":
        portal.queue.enqueue("publish_draft", draft_id=draft.draft_id)
    return state


def find_stance(draft: DraftRow, owner: str, officers: int) -> str:
    """Return which of STANCES the officer who holds drafts as `owner` has before one, among so many `officers`."""
    if draft.owner != owner:
        return "free"
    return "barred" if officers > 1 else "alone"


def decide(portal: Portal, draft_id: str, decision: str, reason: str, stance: str, at: datetime) -> None:
    """Write what an officer says of a draft: "accepted" publishes it, "sent_back" gives it back with the reason.

    Raises NotFound when it waits no longer, DisclosureError for an officer's own draft when there are others,
    InvalidParameter without the reason that is needed to send a draft back, or to release one's own.
    """
    draft = get_waiting(portal, draft_id)
    if stance == "barred":
        raise DisclosureError(table=draft.dataset_id, reason=OWN)
    if decision not in DECISIONS or (not reason and (decision == "sent_back" or stance == "alone")):
        raise InvalidParameter(name="reason", found=repr(reason), expected="a decision, and its reason")
    state = "publishing" if decision == "accepted" else "understood"
    told = {"decision": decision, "reason": reason[:LONGEST], "declared_by": "officer", "at": at.isoformat()}
    review = {**told, "alone": stance == "alone"}
    change_draft(portal, draft_id, state=state, step="", review=review, error={})
    if decision == "accepted":
        portal.queue.enqueue("publish_draft", draft_id=draft_id)


def tell_review(review: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the provenance of a version tells of its review: a role, never a person.

    The reason of an officer who released their own draft is part of it.
    """
    alone = ("alone", "reason") if review.get("alone") else ()
    return {name: review[name] for name in ("decision", "declared_by", "at", *alone)}


def name_kinds(reasons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the reasons with the row of the table of kinds that each is about."""
    return [{**reason, "row": KINDS[reason["kind"]]} for reason in reasons]

"""What an officer must see before it is public, and what an officer says of it.

A column that names or reaches persons is published on somebody's word. When that word is one that only the law or the
persons themselves can give, the data-protection officer reads it first.
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
UNREVIEWED = Phrase(
    "a data-protection officer has not accepted it yet.",
    "la ou le délégué à la protection des données ne l’a pas encore accepté.",
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
    return draft.review.get("decision") != "accepted" and bool(list_reasons(draft) or draft.understood.get("risk"))


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


def submit(portal: Portal, draft: DraftRow, role: str, at: datetime) -> str:
    """Publish a draft, or let it wait for an officer when one must see it; return the state that it takes.

    An officer who publishes has seen it.
    """
    waits = needs_review(draft) and role != "officer"
    seen = role == "officer" and bool(list_reasons(draft) or draft.understood.get("risk"))
    review = write_review("accepted", "", at) if seen else {}
    state = "review" if waits else "publishing"
    change_draft(portal, draft.draft_id, state=state, step="", review=review, error={})
    if not waits:
        portal.queue.enqueue("publish_draft", draft_id=draft.draft_id)
    return state


def decide(portal: Portal, draft_id: str, decision: str, reason: str, at: datetime) -> None:
    """Write what an officer says of a draft: "accepted" publishes it, "sent_back" gives it back with the reason.

    Raises NotFound when it waits no longer, InvalidParameter when a draft is sent back without a reason.
    """
    get_waiting(portal, draft_id)
    if decision not in DECISIONS or (decision == "sent_back" and not reason):
        raise InvalidParameter(name="reason", found=repr(reason), expected="a decision, and a reason to send back")
    state = "publishing" if decision == "accepted" else "understood"
    change_draft(portal, draft_id, state=state, step="", review=write_review(decision, reason, at), error={})
    if decision == "accepted":
        portal.queue.enqueue("publish_draft", draft_id=draft_id)


def write_review(decision: str, reason: str, at: datetime) -> dict[str, str]:
    """Return what an officer said as a draft keeps it: a role, never a person."""
    return {"decision": decision, "reason": reason[:LONGEST], "declared_by": "officer", "at": at.isoformat()}


def name_kinds(reasons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the reasons with the row of the table of kinds that each is about."""
    return [{**reason, "row": KINDS[reason["kind"]]} for reason in reasons]

"""Rows that programs push: published all or none, once, and remembered with the answer that they got."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from datasets.catalogue.catalogue import get_dataset
from datasets.errors import Conflict, Phrase
from datasets.model import Version
from portal.extensions import Portal
from portal.sources.arrivals import Arrival, publish_arrival
from portal.sources.service import change_source
from portal.sources.tables import PushRow, SourceRow

ATTEMPTS = 6
"""Times that a push begins again because another publication came first."""
REUSED = Phrase("this Idempotency-Key was used for other rows.", "cette Idempotency-Key a servi pour d’autres lignes.")


def push_rows(portal: Portal, source: SourceRow, arrival: Arrival, request_key: str) -> tuple[dict[str, Any], bool]:
    """Publish pushed rows, all or none; return the answer, and whether it had been given before.

    The same `request_key` with the same rows gets the same answer and publishes nothing again. Raises Conflict when
    it comes with other rows, and what `publish_arrival` raises.
    """
    for attempt in range(ATTEMPTS):
        known = find_answer(portal, source.dataset_id, request_key, arrival.sha256)
        if known is not None:
            return known, True
        answer: dict[str, Any] = {}

        def remember(session: Session, versions: Sequence[Version], answer: dict[str, Any] = answer) -> None:
            if held := versions[0] if versions else get_dataset(session, source.dataset_id).version:
                answer |= describe_push(held, new=bool(versions))
            keep_answer(session, source.dataset_id, request_key, arrival.sha256, answer, portal.clock.now())

        try:
            publish_arrival(portal, source, arrival, strict=True, beside=remember)
        except Conflict:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        change_source(portal, source.source_id, state="published", told={}, checked=portal.clock.now())
        return answer, False
    raise Conflict(name=source.dataset_id, reason=REUSED)


def find_answer(portal: Portal, dataset_id: str, request_key: str, digest: str) -> dict[str, Any] | None:
    """Return the answer that a push got, None when it is new. Raises Conflict when its rows were others."""
    with portal.databases.session("catalogue") as session:
        row = session.get(PushRow, (dataset_id, request_key))
    if row is not None and row.digest != digest:
        raise Conflict(name=request_key, reason=REUSED)
    return row.answer if row else None


def keep_answer(
    session: Session, dataset_id: str, request_key: str, digest: str, answer: dict[str, Any], at: datetime
) -> None:
    """Remember a push in the transaction that publishes it. Raises Conflict when another did in between."""
    if session.get(PushRow, (dataset_id, request_key)) is not None:
        raise Conflict(name=request_key, reason=REUSED)
    session.add(PushRow(dataset_id=dataset_id, request_key=request_key, digest=digest, answer=dict(answer), created=at))


def describe_push(version: Version, new: bool) -> dict[str, Any]:
    """Return what a program is told of the version that its rows made, or that held them already."""
    made = version.provenance if new else {"corrected": 0, "added": 0}
    return {
        "dataset_id": version.dataset_id,
        "version_id": version.version_id,
        "records_count": version.rows,
        "corrected": made.get("corrected", 0),
        "added": made.get("added", version.rows),
    }

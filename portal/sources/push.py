"""The push API: programs send rows to a dataset, which publishes all of them or none, once.

POST /api/push/v1/datasets/ID/records
Authorization: Bearer SECRET (of a source), or Apikey KEY (of its producer, for the scope "push")
Idempotency-Key: anything of your own     Content-Type: application/json
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, request

from datasets.errors import AuthenticationFailed, IngestError, InvalidParameter, RowsRefused
from datasets.ingest.report import REASONS, Report
from portal.accounts.access import get_key_holder
from portal.errors import describe_error
from portal.extensions import api_limit, portal, read_api_key
from portal.producers.incoming import PIECE, Reception
from portal.producers.service import owner_of
from portal.sources import service
from portal.sources.arrivals import Arrival
from portal.sources.pushing import push_rows
from portal.sources.tables import SourceRow

KINDS: Mapping[str, str] = {
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
}
"""What may be sent, by media type: how the file that it becomes is called."""

REQUEST_KEY = re.compile(r"[\x21-\x7e]{1,200}")
TOLD = 100
"""Problems told one by one in a refusal."""

bp = Blueprint("push", __name__, url_prefix="/api/push/v1")
api_limit(bp)


@bp.post("/datasets/<dataset_id>/records")
def push(dataset_id: str) -> Response:
    """Publish the rows of the request, all or none, and say which version they made."""
    source = find_source(dataset_id)
    request_key = request.headers.get("Idempotency-Key", "")
    if not REQUEST_KEY.fullmatch(request_key):
        expected = "1 to 200 visible ASCII characters, the same each time the same rows are sent"
        raise InvalidParameter(name="Idempotency-Key", found=repr(request_key[:50]), expected=expected)
    if request.mimetype not in KINDS:
        abort(415)
    request.max_content_length = portal.settings.push_limit
    name = f"push{KINDS[request.mimetype]}"
    reception = Reception(portal.settings.instance / "incoming", name, portal.settings.push_limit)
    try:
        while piece := request.stream.read(PIECE):
            reception.write(piece)
        reception.file.flush()
        return publish(source, reception, name, request_key)
    finally:
        reception.close()


def publish(source: SourceRow, reception: Reception, name: str, request_key: str) -> Response:
    """Publish what was received, and answer: the version, or the rows that were refused."""
    arrival = Arrival(reception.path, reception.digest.hexdigest(), name, {"source": "push"})
    try:
        answer, replayed = push_rows(portal, source, arrival, request_key)
    except RowsRefused as error:
        return answer_refused(error, error.data.get("report"))
    response = answer_json(answer, 200)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def answer_refused(error: IngestError, report: Report | None) -> Response:
    """Answer an error with the rows that it is about."""
    problem = describe_error(error)
    lang = "fr" if request.args.get("lang", "").lower().startswith("fr") else "en"
    body: dict[str, Any] = {"error_code": problem.code, "message": problem.message(lang)}
    refused = [one for one in report.problems if REASONS[one.reason].severity == "refused"] if report else []
    body["problems"] = [
        {
            "row": one.row,
            "column": one.column,
            "value": one.value[:200],
            "reason": one.reason,
            "message": one.message(lang),
            "suggestion": one.suggestion,
        }
        for one in refused[:TOLD]
    ]
    return answer_json(body, problem.status)


def find_source(dataset_id: str) -> SourceRow:
    """Return the push source of a dataset, opened by its own secret or by an API key of its producer.

    Raises AuthenticationFailed, KeyExpired, OutOfScope and PermissionDenied.
    """
    key = read_api_key()
    if not key:
        return service.find_push(portal, dataset_id, read_secret())
    holder = get_key_holder(key, "push")
    return service.find_own_push(portal, dataset_id, owner_of(portal.settings.secret_key, holder.id))


def read_secret() -> str:
    """Return the secret of a push: `Authorization: Bearer SECRET`. Raises AuthenticationFailed without one."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise AuthenticationFailed()
    return secret.strip()


def answer_json(value: Any, status: int) -> Response:
    """Answer a JSON value that no cache keeps."""
    response = Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response

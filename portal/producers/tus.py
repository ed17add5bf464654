"""Uploads that survive a cut connection: the server's side of tus 1.0.

Extensions: creation, creation-with-upload, termination, checksum, expiration. The offset of an upload is the length
of its file, so nothing can disagree with it. A whole upload becomes a draft at once; its address is the header
`Portal-Draft` of the last answer, and of any HEAD after it.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from io import FileIO
from typing import IO, ParamSpec

from flask import Response, make_response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from datasets.errors import InvalidParameter
from portal.extensions import portal
from portal.producers import incoming, service
from portal.producers.door import bare_name, bp, owner, producer
from portal.producers.door import incoming as folder
from portal.producers.incoming import KEPT, Upload

Parameters = ParamSpec("Parameters")
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CHECKSUMS = ("sha1", "sha256")
CHECKSUM_MISMATCH = 460


def speaking_tus(view: Callable[Parameters, ResponseReturnValue]) -> Callable[Parameters, Response]:
    """Answer 412 to another version of the protocol, and say ours in every answer."""

    @wraps(view)
    def speaking(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Response:
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            response = Response(status=412)
        else:
            response = make_response(view(*args, **kwargs))
        response.headers.setdefault("Tus-Resumable", VERSION)
        response.headers.setdefault("Tus-Version", VERSION)
        return response

    return speaking


@bp.route("/uploads/", methods=["OPTIONS"])
@speaking_tus
def offer() -> Response:
    """Say what the server can do."""
    told = {"Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(portal.settings.upload_limit)}
    return Response(status=204, headers={**told, "Tus-Checksum-Algorithm": ",".join(CHECKSUMS)})


@bp.post("/uploads/")
@speaking_tus
@producer
def create() -> Response:
    """Begin an upload: its length and its name are known, its bytes may follow at once."""
    length = read_count("Upload-Length")
    if length is None:
        return refuse(400, "Upload-Length")
    if length > portal.settings.upload_limit:
        return refuse(413, "Upload-Length", limit=portal.settings.upload_limit)
    told = read_metadata(request.headers.get("Upload-Metadata", ""))
    dataset_id = told.get("dataset", "")
    if dataset_id:
        service.find_published(portal, dataset_id, owner())
    upload = Upload(secrets.token_hex(16), owner(), bare_name(told.get("filename")), length, dataset_id)
    incoming.start_upload(folder(), upload)
    response = add(upload, 0) if length == 0 or request.mimetype == "application/offset+octet-stream" else tell(upload)
    if response.status_code == 204:
        response.status_code = 201
        response.headers["Location"] = url_for("producers.resume", upload_id=upload.upload_id)
    return response


@bp.route("/uploads/<upload_id>", methods=["HEAD", "PATCH", "DELETE", "POST"])
@speaking_tus
@producer
def resume(upload_id: str) -> Response:
    """Say how far an upload is, add to it, or end it. POST stands for the method that its header names."""
    upload = incoming.find_upload(folder(), upload_id, owner())
    method = request.headers.get("X-HTTP-Method-Override", request.method).upper()
    if method == "DELETE":
        incoming.end_upload(folder(), upload)
        return Response(status=204)
    if method == "PATCH":
        return patch(upload)
    if method == "HEAD":
        response = tell(upload)
        response.status_code = 200
        response.headers["Upload-Length"] = str(upload.length)
        return response
    return refuse(405, "method")


def patch(upload: Upload) -> Response:
    """Add the body of the request to an upload, when it begins where the upload stands."""
    if request.mimetype != "application/offset+octet-stream":
        return refuse(415, "Content-Type")
    offset = read_count("Upload-Offset")
    if offset is None:
        return refuse(400, "Upload-Offset")
    if (request.content_length or 0) > upload.length - offset >= 0:
        return refuse(413, "Content-Length", limit=upload.length - offset)
    return tell(upload) if upload.draft_id and offset == upload.length else add(upload, offset)


def add(upload: Upload, offset: int) -> Response:
    """Add the body of the request at `offset`; what came before a cut is kept, unless a checksum speaks of it all."""
    algorithm, _, told = request.headers.get("Upload-Checksum", "").partition(" ")
    if algorithm and algorithm not in CHECKSUMS:
        return refuse(400, "Upload-Checksum")
    digest = hashlib.new(algorithm) if algorithm else None
    if upload.draft_id:
        return refuse(409, "Upload-Offset")
    with incoming.open_part(folder(), upload) as file:
        if file is None:
            return refuse(423, "Upload-Offset")
        if file.tell() != offset:
            return refuse(409, "Upload-Offset")
        whole = take(file, request.stream, upload.length - offset, digest)
        if digest and not (whole and same(digest.digest(), told)):
            file.truncate(offset)
            return refuse(CHECKSUM_MISMATCH, "Upload-Checksum")
        if file.tell() == upload.length:
            upload = become_draft(upload, file)
    return tell(upload)


def take(file: FileIO, stream: IO[bytes], most: int, digest: "hashlib._Hash | None") -> bool:
    """Add a stream to a file; return False when the connection was cut on the way."""
    try:
        incoming.add_pieces(file, stream, most, digest)
    except (ClientDisconnected, ConnectionError):
        return False
    return True


def become_draft(upload: Upload, file: FileIO) -> Upload:
    """Make a whole upload a draft, whose file is about to be read."""
    sha256 = incoming.keep_part(folder(), upload, file)
    draft_id = service.create_draft(
        portal, upload.owner, upload.name, sha256, upload.length, dataset_id=upload.dataset_id
    )
    upload = replace(upload, draft_id=draft_id)
    incoming.write_upload(folder(), upload)
    portal.queue.enqueue("read_draft", draft_id=draft_id)
    return upload


def tell(upload: Upload) -> Response:
    """Say how far an upload is: its offset, until when it can be resumed or the draft that it became."""
    response = Response(status=204, headers={"Upload-Offset": str(incoming.offset_of(folder(), upload))})
    if upload.draft_id:
        response.headers["Portal-Draft"] = url_for("producers.draft", draft_id=upload.draft_id)
    else:
        response.headers["Upload-Expires"] = http_date(portal.clock.now() + KEPT)
    return response


def refuse(status: int, header: str, **told: int) -> Response:
    """Refuse a request, naming the header at fault."""
    more = "".join(f", {name} {value}" for name, value in told.items())
    return Response(f"{header}{more}\n", status, mimetype="text/plain")


def read_count(header: str) -> int | None:
    """Return the number that a header holds, None when it is not one."""
    text = request.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def read_metadata(header: str) -> dict[str, str]:
    """Return the pairs of an Upload-Metadata header, decoded. Raises InvalidParameter when they are not Base64."""
    try:
        pairs = (pair.strip().partition(" ") for pair in header.split(",") if pair.strip())
        return {name: base64.b64decode(value, validate=True).decode() for name, _, value in pairs}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidParameter(name="Upload-Metadata", found=repr(header[:80]), expected="pairs in Base64") from error


def same(digest: bytes, told: str) -> bool:
    """Return whether a checksum in Base64 is that of what came."""
    return base64.b64encode(digest).decode() == told.strip()

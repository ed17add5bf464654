"""The page of private records: tables come in, their report is read, protected datasets go out."""

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from datasets.errors import NotFound, PortalError
from portal.extensions import portal
from portal.i18n import language
from portal.producers.door import keep_private, owner, producer
from portal.sources import private

bp = Blueprint("records", __name__, url_prefix="/producer/records")
bp.after_request(keep_private)


@bp.route("/", methods=["GET", "POST"])
@producer
def records() -> ResponseReturnValue:
    """Show the private records of the producer; receive tables."""
    wrong = ""
    if request.method == "POST":
        files = [file for file in request.files.getlist("files") if file.filename]
        try:
            for file in files:
                private.receive_records(portal, owner(), file.filename or "", file.stream)
        except PortalError as error:
            wrong = error.message(language())
        if files and not wrong:
            return redirect(url_for("records.records"), 303)
        wrong = wrong or _("Choose a file.")
    page = render_template("sources/records.html", **private.describe(portal, owner()), busy=private.BUSY, wrong=wrong)
    return page, 400 if wrong else 200


@bp.post("/check/")
@producer
def check() -> ResponseReturnValue:
    """Read the tables and make their report."""
    private.ask(portal, owner(), "check_private")
    return redirect(url_for("records.records"), 303)


@bp.post("/publish/")
@producer
def publish() -> ResponseReturnValue:
    """Publish the protected datasets, then erase the tables."""
    private.ask(portal, owner(), "publish_private")
    return redirect(url_for("records.records"), 303)


@bp.post("/erase/")
@producer
def erase() -> ResponseReturnValue:
    """Erase the tables and their report."""
    private.erase_private(portal.settings.instance, owner())
    flash(_("The records and their report are erased."), "success")
    return redirect(url_for("records.records"), 303)


@bp.get("/report.csv")
@producer
def report() -> ResponseReturnValue:
    """Give the row report as a CSV file."""
    path = private.folder_of(portal, owner()) / private.REPORT
    if not path.exists():
        raise NotFound(kind="file", name=private.REPORT)
    return send_file(path, mimetype="text/csv", as_attachment=True, download_name="report.csv")
